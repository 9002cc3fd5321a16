// The spin barrier that starts a round and separates its phases.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include <racetrack/platform.hpp>

namespace racetrack {

/// Central barrier with a phase counter (sense-reversing barrier of Mellor-Crummey and Scott, 1991, section 3).
/// Reusable. A waiting thread spins before it yields: 4096 times, or 16 times when `oversubscribed`, so that a round
/// with more threads than processors still starts together.
/// The barrier orders everything before it before everything after it. A workload whose phases meet here hides races
/// between phases from a race detector.
class SpinBarrier {
 public:
  /// `threads` threads meet at the barrier. `oversubscribed` states that they are more than the processors.
  SpinBarrier(std::size_t threads, bool oversubscribed) noexcept
      : threads_(static_cast<std::uint32_t>(threads)), spins_(oversubscribed ? 16 : 4096) {}

  /// Blocks until all threads have arrived. Everything before an arrival happens before every return of the same phase.
  void arrive_and_wait() noexcept {
    const std::uint32_t phase =
        phase_.load(std::memory_order_relaxed);  // Relaxed: the phase cannot change before this thread arrives
    // acq_rel: the last arrival must observe everything that the others did before they arrived, and publishes it
    // through phase_.
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);  // published by the release of phase_ below
      phase_.store(phase + 1, std::memory_order_release);
      return;
    }
    std::uint32_t spun = 0;
    while (phase_.load(std::memory_order_acquire) == phase) {  // pairs with the release store above
      if (++spun < spins_) {
        relax_cpu();
      } else {
        std::this_thread::yield();
      }
    }
  }

 private:
  std::uint32_t threads_;
  std::uint32_t spins_;
  alignas(kApart) std::atomic<std::uint32_t> arrived_{0};
  alignas(kApart) std::atomic<std::uint32_t> phase_{0};
};

}  // namespace racetrack
