// A finding is reported only when a new process, which shares nothing with the search, confirms it by its token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "explore/explorer.hpp"

namespace racetrack::explore {

/// The outcome of a replay, as one process passes it to another.
struct Trace {
  std::string kind;  ///< of the failure; empty: none
  std::uint64_t fingerprint = 0;
  std::uint32_t steps = 0;
  bool operator==(const Trace&) const = default;

  static Trace of(const Finding& finding);
  /// One line.
  [[nodiscard]] std::string text() const;
  /// Nothing for what text() did not write.
  static std::optional<Trace> parse(const std::string& text);
};

/// Starts this program anew with `--replay token --trace` and waits for its line; nothing when there was none.
std::optional<Trace> replay_in_new_process(const std::string& token);

}  // namespace racetrack::explore
