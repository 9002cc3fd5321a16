// The record of a started body: how often it ran, and when.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/clock.hpp>
#include <racetrack/platform.hpp>

namespace racetrack::spawn {

/// The record of one start. The body writes it and the starter reads it after the join. Everything except the count is
/// plain memory: the contract under test is that the join orders the body before later accesses, and a race detector
/// reports a violation.
struct alignas(kApart) Run {
  /// Relaxed: only counts; a body that runs twice at once must be counted twice.
  std::atomic<std::uint32_t> times{0};
  Ticks begun = 0;
  Ticks ended = 0;

  /// Runs the body: stamps its begin and end.
  void body() noexcept {
    begun = ticks_before();
    times.fetch_add(1, std::memory_order_relaxed);
    ended = ticks_after();
  }
};

/// The task that a thread starter runs.
class Task {
 public:
  explicit Task(Run& run) noexcept : run_(&run) {}
  void operator()() const noexcept { run_->body(); }

 private:
  Run* run_;
};

}  // namespace racetrack::spawn
