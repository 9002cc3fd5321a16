// A Point whose readers write nothing: the seqlock.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/point/contract.hpp>

#include "backoff.hpp"

/// Boehm, Can Seqlocks Get Along With Programming Language Memory Models? (MSPC 2012), figure 6, with his fences. The
/// sequence number is odd while a writer is at work; a reader that finds it odd, or changed when it is done, reads again.
/// Writers exclude each other by taking the number from even to odd. Readers never write, so any number of them
/// go on in parallel; a stream of writers can starve them. The data are relaxed atomics: a reader does read while a writer
/// writes, and throws away what it got.
class SeqlockPoint {
 public:
  void set(racetrack::point::Coordinate x, racetrack::point::Coordinate y) noexcept {
    std::uint64_t sequence = begin_write();
    // release fence, before the data: with the reader's acquire fence; who sees any of the stores below sees the odd number.
    std::atomic_thread_fence(std::memory_order_release);
    x_.store(x, std::memory_order_relaxed);  // ordered by the fence above and the release store below
    y_.store(y, std::memory_order_relaxed);
    sequence_.store(sequence + 2,
                    std::memory_order_release);  // to the acquires in begin_write and get: the data are whole
  }

  racetrack::point::Coordinates get() const noexcept {
    Backoff backoff;
    for (;;) {
      const std::uint64_t before = sequence_.load(std::memory_order_acquire);  // with the release store in set
      const racetrack::point::Coordinates read{x_.load(std::memory_order_relaxed), y_.load(std::memory_order_relaxed)};
      // acquire fence, after the data: with the writer's release fence. If a load above saw a later writer's store, the
      // load below sees that writer's odd number, or a later one.
      std::atomic_thread_fence(std::memory_order_acquire);
      const std::uint64_t after = sequence_.load(std::memory_order_relaxed);  // ordered by the fence
      if (before == after && before % 2 == 0) return read;
      backoff.wait();
    }
  }

 private:
  /// Returns the even number that was replaced by the next odd one.
  std::uint64_t begin_write() noexcept {
    Backoff backoff;
    for (;;) {
      std::uint64_t sequence = sequence_.load(std::memory_order_relaxed);  // a hint: the compare-exchange checks it
      // acquire: with the last writer's release store; its writing is over before ours begins.
      if (sequence % 2 == 0 && sequence_.compare_exchange_weak(sequence, sequence + 1, std::memory_order_acquire,
                                                               std::memory_order_relaxed)) {
        return sequence;
      }
      backoff.wait();
    }
  }

  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<racetrack::point::Coordinate> x_{0}, y_{0};
};
