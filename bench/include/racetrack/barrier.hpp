// The spin barrier at which a round starts and its phases meet.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include <racetrack/platform.hpp>

namespace racetrack {

/// Sense-counting central barrier (Mellor-Crummey and Scott, 1991, section 3). Spins, and yields once it has spun for
/// long or when there are more threads than processors, so that an oversubscribed round still starts together.
/// Reusable. It orders all that happened before it with all that comes after: a workload whose phases meet here hides races
/// between phases from a race detector.
class SpinBarrier {
 public:
  SpinBarrier(std::size_t threads, bool oversubscribed) noexcept
      : threads_(static_cast<std::uint32_t>(threads)), spins_(oversubscribed ? 16 : 4096) {}

  void arrive_and_wait() noexcept {
    const std::uint32_t phase =
        phase_.load(std::memory_order_relaxed);  // own arrival orders it: nobody moves on before
    // acq_rel: the last arrival must see what all others did before theirs, and pass it on through phase_.
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
