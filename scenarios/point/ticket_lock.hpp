// Ticket lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include <racetrack/platform.hpp>

/// Mellor-Crummey and Scott, Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors (TOCS 1991), section
/// 2.2, with their backoff in proportion to the number of threads ahead. First come, first served. Fairness has its price when
/// threads outnumber processors: only one thread may go on, and it may not be running; so a waiter that has seen kPatience
/// times that it is not its turn gives its processor away. Meets C++'s BasicLockable. At most 2^32 - 1 threads wait.
class TicketLock {
 public:
  void lock() noexcept {
    // relaxed: a ticket only says who comes when; the acquire below orders.
    const std::uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
    for (int looks = 0;; ++looks) {
      // acquire: with the release in unlock; all that the holders before did is visible here.
      const std::uint32_t ahead = ticket - serving_.load(std::memory_order_acquire);
      if (ahead == 0) return;
      if (looks >= kPatience) {
        std::this_thread::yield();
      } else {
        for (std::uint32_t pause = 0; pause < ahead * kPausesPerHolder; ++pause) racetrack::relax_cpu();
      }
    }
  }
  void unlock() noexcept {
    // relaxed: only the holder writes serving_, and this is the holder. release: to the acquire in lock.
    serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  static constexpr int kPatience = 64;
  static constexpr std::uint32_t kPausesPerHolder = 4;
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> serving_{0};
};
