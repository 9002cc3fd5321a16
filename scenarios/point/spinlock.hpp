// Test-and-test-and-set lock with exponential backoff.
#pragma once

#include <atomic>

#include "backoff.hpp"

/// Rudolph and Segall 1984 (test before test-and-set), Anderson 1990 (backoff). Spins on a plain load, so that waiting threads
/// keep the line shared and leave the bus alone. No fairness: whoever comes first. Meets C++'s Lockable.
class Spinlock {
 public:
  void lock() noexcept {
    Backoff backoff;
    // acquire: with the release in unlock; all that its holder did is visible here.
    while (held_.exchange(true, std::memory_order_acquire)) {
      do {
        backoff.wait();
      } while (
          held_.load(std::memory_order_relaxed));  // only a hint when to try: the exchange above decides and orders
    }
  }
  bool try_lock() noexcept {
    return !held_.load(std::memory_order_relaxed) && !held_.exchange(true, std::memory_order_acquire);
  }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }  // to the exchange in lock

 private:
  std::atomic<bool> held_{false};
};
