// Turns chosen by another program: `racetrack bench --schedule` reads them from standard input, one line each.
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

/// Parses a line. Throws Failure(usage) when it is not an assignment.
Assignment parse_assignment(const std::string& line);

/// Reads assignments from a file descriptor as they arrive. A signal interrupts the wait.
class Schedule {
 public:
  explicit Schedule(int file) : file_(file) {}

  /// Returns the next assignment, or nullopt at the end of input and when an interruption is requested. Throws as
  /// parse_assignment() does.
  std::optional<Assignment> next();

 private:
  /// Returns false at the end of input and when interrupted.
  bool read_more();

  int file_;
  std::string unread_;
};

}  // namespace racetrack::host
