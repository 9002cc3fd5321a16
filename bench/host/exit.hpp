// Exit codes, the same for every command, and the exceptions that lead to them.
#pragma once

#include <stdexcept>
#include <string>

namespace racetrack::host {

enum class Exit : int {
  as_expected = 0,
  unexpected = 1,  ///< an unexpected finding or regression
  usage = 2,       ///< usage, or unusable input
  incomplete = 3,  ///< interrupted, or inconclusive
  nothing = 4,     ///< nothing ran, or nothing to compare
  harness = 70,    ///< the harness itself failed
  output = 74,     ///< a part of the output could not be written; the records are complete
};

/// Ends the command with one line of text: the problem, the place and the remedy.
class Failure : public std::runtime_error {
 public:
  Failure(Exit code, const std::string& line) : std::runtime_error(line), code_(code) {}
  [[nodiscard]] Exit code() const noexcept { return code_; }

 private:
  Exit code_;
};

inline Failure usage_error(const std::string& line) { return {Exit::usage, line}; }

}  // namespace racetrack::host
