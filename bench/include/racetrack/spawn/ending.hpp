// How a process ends.
#pragma once

#include <string>

#include <sys/wait.h>

namespace racetrack::spawn {

/// By returning an exit status, or by a signal: two different things, whatever a shell makes of them.
struct Ending {
  enum class How : int { exit, signal };
  How how = How::exit;
  int value = 0;  ///< exit status, or the signal's number

  bool operator==(const Ending&) const = default;
  [[nodiscard]] std::string text() const {
    return (how == How::exit ? "exit status " : "signal ") + std::to_string(value);
  }
};

/// What waitpid's status says.
inline Ending ending_of(int status) noexcept {
  if (WIFSIGNALED(status)) return {Ending::How::signal, WTERMSIG(status)};
  return {Ending::How::exit, WEXITSTATUS(status)};
}

}  // namespace racetrack::spawn
