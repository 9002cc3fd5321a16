// How a process ended.
#pragma once

#include <string>

#include <sys/wait.h>

namespace racetrack::spawn {

/// The end of a process: an exit status or a signal. They are distinct, although a shell maps both to a status.
struct Ending {
  enum class How : int { exit, signal };
  How how = How::exit;
  int value = 0;  ///< exit status or signal number

  bool operator==(const Ending&) const = default;
  /// Returns "exit status 1" or "signal 9".
  [[nodiscard]] std::string text() const {
    return (how == How::exit ? "exit status " : "signal ") + std::to_string(value);
  }
};

/// Converts a status of waitpid.
inline Ending ending_of(int status) noexcept {
  if (WIFSIGNALED(status)) return {Ending::How::signal, WTERMSIG(status)};
  return {Ending::How::exit, WEXITSTATUS(status)};
}

}  // namespace racetrack::spawn
