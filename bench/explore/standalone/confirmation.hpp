// Confirmation of findings: a finding is reported only when a new process, which shares nothing with the search,
// repeats it from its token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "explore/explorer.hpp"

namespace racetrack::explore {

/// The outcome of a replay, in the form that one process passes to another.
struct Trace {
  std::string kind;  ///< of the failure; empty: no failure
  std::uint64_t fingerprint = 0;
  std::uint32_t steps = 0;
  bool operator==(const Trace&) const = default;

  static Trace of(const Finding& finding);
  /// One line.
  [[nodiscard]] std::string text() const;
  /// Returns nothing for a text that text() did not write.
  static std::optional<Trace> parse(const std::string& text);
};

/// Starts this program again with `--replay token --trace` and returns the trace that it prints; nothing when it prints
/// none.
std::optional<Trace> replay_in_new_process(const std::string& token);

}  // namespace racetrack::explore
