// The time that the machine gives to a process, for deadlines that must not expire on a busy or paused machine.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <sys/types.h>

#include <racetrack/thread_time.hpp>

namespace racetrack::spawn {

/// Counts the time in which the main thread of a process could proceed. Nothing counts while the thread waits for a
/// processor or is stopped, and a late call of sample() counts as two intervals at most.
class GivenTime {
 public:
  using Duration = std::chrono::nanoseconds;

  /// `interval`: the intended time between two calls of sample(). `proc`: where the kernel shows processes.
  GivenTime(pid_t process, Duration interval, std::string proc = "/proc")
      : folder_(std::move(proc) + "/" + std::to_string(process)),
        interval_(interval),
        last_(std::chrono::steady_clock::now()),
        before_(ThreadTime::read(folder_)) {}

  /// Adds the time since the last call, and returns all so far.
  Duration sample() {
    const auto now = std::chrono::steady_clock::now();
    const Duration elapsed = now - std::exchange(last_, now);
    return sample_after(elapsed);
  }
  /// Like sample(), with a given interval since the last call.
  Duration sample_after(Duration elapsed) {
    const auto now = ThreadTime::read(folder_);
    if (!now) return given_;
    if (before_) given_ += now->given_since(*before_, std::min<Duration>(elapsed, 2 * interval_));
    before_ = now;
    return given_;
  }
  [[nodiscard]] Duration given() const noexcept { return given_; }

 private:
  std::string folder_;
  Duration interval_;
  std::chrono::steady_clock::time_point last_;
  std::optional<ThreadTime> before_;
  Duration given_{};
};

}  // namespace racetrack::spawn
