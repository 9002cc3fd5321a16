// Exit codes, the same for every command, and the exceptions that lead to them.
#pragma once

#include <stdexcept>
#include <string>

namespace racetrack::host {

enum class Exit : int {
  as_expected = 0,
  unexpected = 1,  ///< a finding or a regression that was not expected
  usage = 2,       ///< usage, or input that cannot be used
  incomplete = 3,  ///< interrupted, or inconclusive
  nothing = 4,     ///< nothing ran, or nothing to compare
  harness = 70,    ///< the harness itself failed
};

/// Ends the command with one line: what, where, what to do.
class Failure : public std::runtime_error {
 public:
  Failure(Exit code, const std::string& line) : std::runtime_error(line), code_(code) {}
  [[nodiscard]] Exit code() const noexcept { return code_; }

 private:
  Exit code_;
};

inline Failure usage_error(const std::string& line) { return {Exit::usage, line}; }

}  // namespace racetrack::host
