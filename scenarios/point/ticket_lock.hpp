// Ticket lock: serves threads in the order of their tickets.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include <racetrack/platform.hpp>

/// Mellor-Crummey and Scott, Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors (TOCS 1991),
/// section 2.2, with their backoff in proportion to the number of threads ahead. First come, first served. Fairness has
/// a cost when threads outnumber processors: only the next thread in order may enter, and it may not be running. So a
/// waiter yields once it has checked kPatience times. Meets C++'s BasicLockable. At most 2^32 - 1 threads may wait.
class TicketLock {
 public:
  void lock() noexcept {
    // relaxed: a ticket only determines the order of service; the acquire below orders memory.
    const std::uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
    for (int checks = 0;; ++checks) {
      // acquire: pairs with the release in unlock; the writes of all previous holders are visible here.
      const std::uint32_t ahead = ticket - serving_.load(std::memory_order_acquire);
      if (ahead == 0) return;
      if (checks >= kPatience) {
        std::this_thread::yield();
      } else {
        for (std::uint32_t pause = 0; pause < ahead * kPausesPerHolder; ++pause) racetrack::relax_cpu();
      }
    }
  }
  void unlock() noexcept {
    // relaxed: only the holder writes serving_, and this thread is the holder. release: pairs with the acquire in lock.
    serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  static constexpr int kPatience = 64;
  static constexpr std::uint32_t kPausesPerHolder = 4;
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> serving_{0};
};
