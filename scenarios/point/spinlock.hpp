// Test-and-test-and-set lock with exponential backoff.
#pragma once

#include <atomic>

#include "backoff.hpp"

/// Rudolph and Segall 1984 (test before test-and-set), Anderson 1990 (backoff). Waiting threads spin on a load, so they
/// share the cache line and cause no bus traffic. Not fair: any waiting thread may get the lock next. Meets C++'s
/// Lockable.
class Spinlock {
 public:
  void lock() noexcept {
    Backoff backoff;
    // acquire: pairs with the release in unlock; the previous holder's writes are visible here.
    while (held_.exchange(true, std::memory_order_acquire)) {
      do {
        backoff.wait();
        // relaxed: only a hint when to try; the exchange above decides and orders.
      } while (held_.load(std::memory_order_relaxed));
    }
  }
  bool try_lock() noexcept {
    return !held_.load(std::memory_order_relaxed) && !held_.exchange(true, std::memory_order_acquire);
  }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }  // release: pairs with the exchange in lock

 private:
  std::atomic<bool> held_{false};
};
