// Where workers sleep while there is nothing to do.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/platform.hpp>

/// A counter of sleepers in front of a semaphore (Haiku's benaphore, turned round): who wakes takes a sleeper off the counter first, so
/// that two who wake at the same time wake two, and nobody pays for a sleeper that is already on its way.
///
/// A sleeper announces itself, looks for work once more, and parks, or withdraws when it finds some. Who makes work calls wake_one
/// after it. Each has a seq_cst fence between its write and its look at the other's, so one of them sees the other (Dekker): no
/// wake-up is lost. The fences order what is looked at and publish nothing.
class Parking {
 public:
  void announce() noexcept {
    sleepers_.fetch_add(1, std::memory_order_relaxed);    // ordered by the fence
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in wake_one
  }
  /// After announce, instead of park. True: somebody has woken this one meanwhile, for work that may not be what it found.
  [[nodiscard]] bool withdraw() noexcept {
    if (take_sleeper()) return false;
    park();  // does not sleep long: the token is on its way
    return true;
  }
  /// After announce.
  void park() noexcept {
    for (;;) {
      std::uint32_t tokens = tokens_.load(std::memory_order_relaxed);
      // acquire, with the release in grant: what was made before is seen.
      if (tokens != 0 &&
          tokens_.compare_exchange_weak(tokens, tokens - 1, std::memory_order_acquire, std::memory_order_relaxed))
        return;
      if (tokens == 0) tokens_.wait(0, std::memory_order_relaxed);
    }
  }

  void wake_one() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in announce
    if (take_sleeper()) grant();
  }
  void wake_all() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in announce
    // Relaxed: a count. What is handed over goes through tokens_.
    for (std::uint32_t sleepers = sleepers_.exchange(0, std::memory_order_relaxed); sleepers != 0; --sleepers) grant();
  }

 private:
  bool take_sleeper() noexcept {
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    // Relaxed: a count. What is handed over goes through tokens_.
    while (sleepers != 0) {
      if (sleepers_.compare_exchange_weak(sleepers, sleepers - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void grant() noexcept {
    tokens_.fetch_add(1, std::memory_order_release);  // to the acquire in park
    tokens_.notify_one();
  }

  alignas(racetrack::kApart) std::atomic<std::uint32_t> sleepers_{0};
  alignas(racetrack::kApart) std::atomic<std::uint32_t> tokens_{0};
};
