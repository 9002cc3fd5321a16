// What a started body leaves behind: that it ran, and when.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/clock.hpp>
#include <racetrack/platform.hpp>

namespace racetrack::spawn {

/// Of one start. Written by the body, read by the starter after the join. All but the count is plain memory: that a join orders the
/// body before what follows is the contract under test, and a race detector sees when it does not.
struct alignas(kApart) Run {
  std::atomic<std::uint32_t> times{0};  ///< relaxed: a body that runs twice at once must be counted twice, no more
  Ticks begun = 0;
  Ticks ended = 0;

  /// The body: stamps its own beginning and end.
  void body() noexcept {
    begun = ticks_before();
    times.fetch_add(1, std::memory_order_relaxed);
    ended = ticks_after();
  }
};

/// What a thread starter is given to run.
class Task {
 public:
  explicit Task(Run& run) noexcept : run_(&run) {}
  void operator()() const noexcept { run_->body(); }

 private:
  Run* run_;
};

}  // namespace racetrack::spawn
