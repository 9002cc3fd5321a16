// Operations in words, and verdicts with them.
#pragma once

#include <string>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// "item 17 of producer 1": values are made of a producer (high 16 bits) and a sequence number from 1.
std::string name_of(std::uint64_t value);

/// "thread 2 popped item 17 of producer 1", "thread 2 found the queue empty", "thread 0 was pushing item 3 of
/// producer 0".
std::string describe(const Operation& operation);

/// `where` = "oracle.NAME" of the oracle that judges.
Verdict failed(const char* where, const char* kind, std::string witness);

/// Tells when operations were, counted in ticks from the history's first stamp.
class Epoch {
 public:
  explicit Epoch(const History& history);

  /// "at 120..180", "at 120.. (pending)"; nothing in a history without stamps.
  [[nodiscard]] std::string span(const Operation& operation) const;
  /// describe() and span().
  [[nodiscard]] std::string tell(const Operation& operation) const;

 private:
  bool stamped_;
  Ticks first_ = 0;
};

}  // namespace racetrack::oracle
