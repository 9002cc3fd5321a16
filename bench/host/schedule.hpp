// Turns that somebody else decides on: `racetrack bench --schedule` reads them from standard input, one line each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace racetrack::host {

/// One line of a schedule: "CASE FORK SEED".
struct Assignment {
  std::string name;  ///< the exact name of the case
  unsigned fork = 0;
  std::uint64_t seed = 0;
};

/// What a line says. Throws Failure (usage) when it is no assignment.
Assignment parse_assignment(const std::string& line);

/// The lines of a file descriptor as they come; waiting for one can be interrupted.
class Schedule {
 public:
  explicit Schedule(int file) : file_(file) {}

  /// The next assignment; nothing at the end of input, and when an interruption is requested. Throws Failure as above.
  std::optional<Assignment> next();

 private:
  /// False at the end of input, and when interrupted.
  bool read_more();

  int file_;
  std::string unread_;
};

}  // namespace racetrack::host
