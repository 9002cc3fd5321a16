// The clock of every measurement: the time stamp counter, calibrated once per run. All functions are thread-safe.
#pragma once

#include <cstdint>

#include <racetrack/explore_hooks.hpp>

#if defined(RACETRACK_EXPLORED)
// The explorer supplies virtual time: see explore_hooks.hpp.
#elif defined(__x86_64__) && !defined(RACETRACK_MONOTONIC_CLOCK)
#include <x86intrin.h>
#else
#include <ctime>
#define RACETRACK_MONOTONIC_CLOCK 1
#endif

namespace racetrack {

/// A point in time or a duration, in clock ticks. One tick lasts 1 / Clock::ticks_per_ns nanoseconds.
using Ticks = std::uint64_t;

#if defined(RACETRACK_EXPLORED)
// Stamps order the operations of a history. ticks(), which paces workloads, returns virtual nanoseconds.
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
/// Returns the counter, unordered with the surrounding instructions. Use it for pacing.
inline Ticks ticks() noexcept { return __rdtsc(); }

/// Returns a stamp to take before an operation: no later instruction starts before the counter is read.
inline Ticks ticks_before() noexcept {
  const Ticks now = __rdtsc();
  _mm_lfence();
  return now;
}

/// Returns a stamp to take after an operation. All earlier instructions have executed (their stores may still be in the
/// store buffer), and no later instruction starts before the counter is read. Use it for durations on one core.
inline Ticks ticks_after() noexcept {
  unsigned processor;
  const Ticks now = __rdtscp(&processor);
  _mm_lfence();
  return now;
}

/// Like ticks_after(), but later instructions may start while the counter is read. A pair with ticks_before() is 12 ns
/// shorter on an AMD EPYC (Zen 3). Use it for a probe in a loop, where only the probe's own bookkeeping follows.
inline Ticks ticks_done() noexcept {
  _mm_lfence();
  return __rdtsc();
}

/// Like ticks_after(), and all earlier stores are visible to other cores. Without the fence, a stamp taken after a
/// release store can precede the moment when another core observes that store. Use it for histories.
inline Ticks ticks_visible() noexcept {
  _mm_mfence();
  return ticks_after();
}
#endif

/// The calibrated durations of a tick and of a step of work(). The host measures them and passes them to child
/// processes and workloads.
struct Clock {
  /// Ticks per nanosecond.
  double ticks_per_ns = 1.0;
  /// Nanoseconds per step of work().
  double step_ns = 1.0;

  /// Converts a duration in ticks to nanoseconds.
  [[nodiscard]] double ns(Ticks distance) const noexcept { return static_cast<double>(distance) / ticks_per_ns; }
  /// Converts nanoseconds to ticks, rounded towards zero.
  [[nodiscard]] Ticks ticks_of(double nanoseconds) const noexcept {
    return static_cast<Ticks>(nanoseconds * ticks_per_ns);
  }
};

}  // namespace racetrack
