// Descriptions of operations, and verdicts that contain them.
#pragma once

#include <string>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Returns "item 17 of producer 1". A value consists of a producer (high 16 bits) and a sequence number from 1.
std::string name_of(std::uint64_t value);

/// Describes an operation: "thread 2 popped item 17 of producer 1", "thread 2 found the queue empty", "thread 0 was
/// pushing item 3 of producer 0".
std::string describe(const Operation& operation);

/// Returns a failure. `where` is the detector, "oracle.NAME".
Verdict failed(const char* where, const char* kind, std::string witness);

/// Formats the times of operations, in ticks from the history's first stamp.
class Epoch {
 public:
  explicit Epoch(const History& history);

  /// Returns "at 120..180" or "at 120.. (pending)"; nothing in a history without stamps.
  [[nodiscard]] std::string span(const Operation& operation) const;
  /// Returns describe() and span().
  [[nodiscard]] std::string describe_with_time(const Operation& operation) const;

 private:
  bool stamped_;
  Ticks first_ = 0;
};

}  // namespace racetrack::oracle
