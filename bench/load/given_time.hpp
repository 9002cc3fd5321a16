// Measures the time that the machine gave to a process. Watchdogs count it instead of wall-clock time.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include <racetrack/thread_time.hpp>

namespace racetrack::load {

/// Counts the time in which the threads of a process, and of the processes that it started, could run. A runnable
/// thread that waits for a processor, a stopped or traced process, a suspended machine and a delayed caller add
/// nothing. Waits of different threads are added, because sleeping threads may depend on each other in turn.
///
/// A hang is certain when much time was given and there was no progress. When little time was given, the state is
/// unknown. Not thread-safe.
class GivenTime {
 public:
  using Duration = std::chrono::nanoseconds;

  /// The intended time between two calls of sample().
  static constexpr Duration kTick = std::chrono::milliseconds(50);

  /// - `root`: the process.
  /// - `except`: a thread of the process to exclude, because it is the watchdog's own (0: none).
  /// - `tick`: the intended interval between calls of sample(). A longer interval counts as two ticks.
  /// - `proc`: the mount point of procfs.
  explicit GivenTime(pid_t root, pid_t except = 0, Duration tick = kTick, std::string proc = "/proc");

  /// Adds the time since the last call. Reads a few files of /proc per thread: about 10 us each.
  void sample();
  /// Like sample(), with a given interval since the last call.
  void sample_after(Duration elapsed);
  /// Discards all time so far, because there was progress.
  void reset();

  /// Returns the given time. Threads that compete for the same processors count as one: their shares are added.
  [[nodiscard]] Duration given() const noexcept { return given_; }
  /// Returns whether at least `patience` was given in total, and at least a fiftieth of it to each thread.
  [[nodiscard]] bool exhausts(Duration patience) const;
  /// Returns false when /proc shows no thread. All time then counts except the caller's delays, which proves nothing
  /// about the threads.
  [[nodiscard]] bool is_certain() const noexcept { return certain_; }

 private:
  struct Thread {
    ThreadTime time;   ///< as of the last call
    Duration given{};  ///< given time since reset()
    Duration since{};  ///< value of given_ when the thread was found
    Duration life{};   ///< time since then, or since reset()
    bool seen = false;
  };

  [[nodiscard]] static bool is_starved(const Thread& thread);
  [[nodiscard]] std::string task_folder(pid_t process) const;
  [[nodiscard]] std::vector<pid_t> tasks_of(pid_t process) const;
  /// Returns the process and all its descendants.
  [[nodiscard]] std::vector<pid_t> family() const;

  std::string proc_;
  pid_t root_, except_;
  Duration tick_;
  std::chrono::steady_clock::time_point last_;
  std::size_t processors_;
  std::map<pid_t, Thread> threads_;
  Duration given_{};
  bool certain_ = true;
};

/// Returns "the machine gave it 0.4 s in 12.0 s", for a witness.
std::string describe_given(GivenTime::Duration given, GivenTime::Duration elapsed);

}  // namespace racetrack::load
