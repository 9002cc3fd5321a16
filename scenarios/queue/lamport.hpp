// Lamport's ring for one producer and one consumer, with cached indices.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include <racetrack/platform.hpp>

/// Algorithm: Lamport (Specifying Concurrent Program Modules, TOPLAS 1983). Only the producer writes tail, only the
/// consumer writes head, and each only reads the other's index. Each side caches the other's index and reloads it only
/// when the cached value means full or empty, as in MCRingBuffer (Lee, Bu and Chandranmenon, IPDPS 2010). FastForward
/// (Giacomoni et al., PPoPP 2008) showed that sharing the indices is the main cost.
/// Order: first in, first out. Progress: wait-free. Empty and full are exact.
/// Capacity: exactly as requested, from 1. The ring has one slot more, so that full and empty differ.
template <class Item>
class LamportQueue {
 public:
  explicit LamportQueue(std::size_t capacity) : slots_(capacity + 1), ring_(std::make_unique<Item[]>(slots_)) {}

  /// Only the producer may call it.
  bool try_push(const Item& item) noexcept {
    const std::size_t tail = producer_.own.load(std::memory_order_relaxed);  // relaxed: only this thread writes it
    const std::size_t next = after(tail);
    if (next == producer_.other) {
      // acquire: pairs with the release in try_pop; the consumer has read the slot before we overwrite it.
      producer_.other = consumer_.own.load(std::memory_order_acquire);
      if (next == producer_.other) return false;
    }
    ring_[tail] = item;
    producer_.own.store(next, std::memory_order_release);  // publishes the item to the acquire in try_pop
    return true;
  }

  /// Only the consumer may call it.
  bool try_pop(Item& item) noexcept {
    const std::size_t head = consumer_.own.load(std::memory_order_relaxed);  // relaxed: only this thread writes it
    if (head == consumer_.other) {
      // acquire: pairs with the release in try_push; the item is complete before we read it.
      consumer_.other = producer_.own.load(std::memory_order_acquire);
      if (head == consumer_.other) return false;
    }
    item = ring_[head];
    // release: completes our read of the slot before the producer's acquire.
    consumer_.own.store(after(head), std::memory_order_release);
    return true;
  }

 private:
  /// The variables that one thread writes: its own index, which the other thread reads, and its copy of the other's.
  struct alignas(racetrack::kApart) Side {
    std::atomic<std::size_t> own{0};
    std::size_t other = 0;
  };

  [[nodiscard]] std::size_t after(std::size_t index) const noexcept { return index + 1 == slots_ ? 0 : index + 1; }

  const std::size_t slots_;
  const std::unique_ptr<Item[]> ring_;
  Side producer_;  // own is the tail
  Side consumer_;  // own is the head
};
