// The seqlock: a Point whose readers write nothing.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/point/contract.hpp>

#include "backoff.hpp"

/// Boehm, Can Seqlocks Get Along With Programming Language Memory Models? (MSPC 2012), figure 6, with his fences. The
/// sequence number is odd while a writer is active. A reader that finds it odd, or changed after reading the data,
/// reads again. Writers exclude each other by changing the number from even to odd. Readers never write, so any number
/// of them run in parallel, but a stream of writers can starve them. The data are relaxed atomics, because a reader may
/// read during a write; it then discards the values.
class SeqlockPoint {
 public:
  void set(racetrack::point::Coordinate x, racetrack::point::Coordinate y) noexcept {
    std::uint64_t sequence = begin_write();
    // release fence, before the data: pairs with the reader's acquire fence. A reader that sees any of the stores below
    // also sees the odd number.
    std::atomic_thread_fence(std::memory_order_release);
    x_.store(x, std::memory_order_relaxed);  // ordered by the fence above and the release store below
    y_.store(y, std::memory_order_relaxed);
    // release: pairs with the acquires in begin_write and get: the data are complete.
    sequence_.store(sequence + 2, std::memory_order_release);
  }

  racetrack::point::Coordinates get() const noexcept {
    Backoff backoff;
    for (;;) {
      const std::uint64_t before = sequence_.load(std::memory_order_acquire);  // pairs with the release store in set
      const racetrack::point::Coordinates read{x_.load(std::memory_order_relaxed), y_.load(std::memory_order_relaxed)};
      // acquire fence, after the data: pairs with the writer's release fence. If a load above saw a later writer's
      // store, the load below sees that writer's odd number, or a later one.
      std::atomic_thread_fence(std::memory_order_acquire);
      const std::uint64_t after = sequence_.load(std::memory_order_relaxed);  // ordered by the fence
      if (before == after && before % 2 == 0) return read;
      backoff.wait();
    }
  }

 private:
  /// Changes the number from even to odd. Returns the even number.
  std::uint64_t begin_write() noexcept {
    Backoff backoff;
    for (;;) {
      std::uint64_t sequence = sequence_.load(std::memory_order_relaxed);  // a hint: the compare-exchange checks it
      // acquire: pairs with the last writer's release store; its writes are complete before ours begin.
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
