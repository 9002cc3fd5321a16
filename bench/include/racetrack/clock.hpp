// The clock of every measurement: the time stamp counter, calibrated once per run.
#pragma once

#include <cstdint>

#include <racetrack/explore_hooks.hpp>

#if defined(RACETRACK_EXPLORED)
// Virtual: see explore_hooks.hpp.
#elif defined(__x86_64__) && !defined(RACETRACK_MONOTONIC_CLOCK)
#include <x86intrin.h>
#else
#include <ctime>
#define RACETRACK_MONOTONIC_CLOCK 1
#endif

namespace racetrack {

/// A moment or a distance in units of the clock: 1 / (ticks_per_ns) nanoseconds each.
using Ticks = std::uint64_t;

#if defined(RACETRACK_EXPLORED)
// Moments in a history are ordered, not timed; what paces itself reads virtual nanoseconds.
inline Ticks ticks() noexcept { return racetrack_explore_nanoseconds(); }
inline Ticks ticks_before() noexcept { return racetrack_explore_stamp(false); }
inline Ticks ticks_after() noexcept { return racetrack_explore_stamp(true); }
inline Ticks ticks_done() noexcept { return racetrack_explore_stamp(true); }
inline Ticks ticks_visible() noexcept { return racetrack_explore_stamp(true); }
#elif defined(RACETRACK_MONOTONIC_CLOCK)
// For processors without an invariant time stamp counter: nanoseconds of CLOCK_MONOTONIC.
inline Ticks ticks() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Ticks>(now.tv_sec) * 1'000'000'000U + static_cast<Ticks>(now.tv_nsec);
}
inline Ticks ticks_before() noexcept { return ticks(); }
inline Ticks ticks_after() noexcept { return ticks(); }
inline Ticks ticks_done() noexcept { return ticks(); }
inline Ticks ticks_visible() noexcept {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  return ticks();
}
#else
/// The counter as it is, unordered with the instructions around it: for pacing.
inline Ticks ticks() noexcept { return __rdtsc(); }

/// A stamp before an operation: nothing after it starts before the counter was read.
inline Ticks ticks_before() noexcept {
  const Ticks now = __rdtsc();
  _mm_lfence();
  return now;
}

/// A stamp after an operation: all before it have executed (their stores may still wait in the store
/// buffer), nothing after it starts earlier. For durations on one core.
inline Ticks ticks_after() noexcept {
  unsigned processor;
  const Ticks now = __rdtscp(&processor);
  _mm_lfence();
  return now;
}

/// As ticks_after, but what comes next may start while the counter is read: 12 ns less for a pair with ticks_before on an AMD
/// EPYC (Zen 3). For a probe that stands in a loop, where what comes next is its own bookkeeping.
inline Ticks ticks_done() noexcept {
  _mm_lfence();
  return __rdtsc();
}

/// As ticks_after, and the stores before it are visible to all: without the fence a stamp taken after a
/// release store can precede the moment when another core sees it. For histories.
inline Ticks ticks_visible() noexcept {
  _mm_mfence();
  return ticks_after();
}
#endif

/// How long a tick is, and a step of work(). Made by the host, handed to children and workloads.
struct Clock {
  double ticks_per_ns = 1.0;
  double step_ns = 1.0;

  [[nodiscard]] double ns(Ticks distance) const noexcept { return static_cast<double>(distance) / ticks_per_ns; }
  [[nodiscard]] Ticks ticks_of(double nanoseconds) const noexcept {
    return static_cast<Ticks>(nanoseconds * ticks_per_ns);
  }
};

}  // namespace racetrack
