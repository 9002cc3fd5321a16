// Dmitry Vyukov's bounded queue for many producers and many consumers (1024cores.net, 2010).
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

/// Each cell's sequence number shows which thread may use it: a producer when it equals the position to push to, a
/// consumer when it is one more. A thread takes a position by a compare-and-swap on the shared counter, moves the item,
/// and passes the cell on by a release store of the sequence number.
///
/// FIFO in the order of taken positions. Not lock-free: a thread that stops between taking a position and passing the
/// cell on stops the threads that reach this cell. try_pop then reports empty, and try_push full, although other items
/// are there.
/// Capacity is rounded up to a power of two, and is at least 2.
template <class Item>
class VyukovQueue {
 public:
  explicit VyukovQueue(std::size_t capacity)
      : mask_(std::bit_ceil(capacity < 2 ? std::size_t{2} : capacity) - 1),
        cells_(std::make_unique<Cell[]>(mask_ + 1)) {
    for (std::size_t i = 0; i <= mask_; ++i) {
      cells_[i].sequence.store(i, std::memory_order_relaxed);  // relaxed: the queue is not shared yet
    }
  }

  bool try_push(const Item& item) noexcept {
    std::size_t position = tail_.load(std::memory_order_relaxed);  // relaxed: a hint, the compare-and-swap checks it
    for (;;) {
      Cell& cell = cells_[position & mask_];
      // acquire: pairs with the consumer's release store below; its read of the item is complete before we write the
      // next.
      const std::size_t sequence = cell.sequence.load(std::memory_order_acquire);
      const auto turn = static_cast<std::intptr_t>(sequence - position);
      if (turn == 0) {
        // relaxed: the counter only distributes positions; the cell's sequence publishes items.
        if (tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
          cell.item = item;
          // release: publishes the item to the acquire in try_pop.
          cell.sequence.store(position + 1, std::memory_order_release);
          return true;
        }
      } else if (turn < 0) {
        return false;
      } else {
        position = tail_.load(std::memory_order_relaxed);
      }
    }
  }

  bool try_pop(Item& item) noexcept {
    std::size_t position = head_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[position & mask_];
      const std::size_t sequence = cell.sequence.load(std::memory_order_acquire);  // pairs with the release in try_push
      const auto turn = static_cast<std::intptr_t>(sequence - (position + 1));
      if (turn == 0) {
        if (head_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {  // as in try_push
          item = cell.item;
          // release: completes our read of the item before the acquire of the next lap's producer.
          cell.sequence.store(position + mask_ + 1, std::memory_order_release);
          return true;
        }
      } else if (turn < 0) {
        return false;
      } else {
        position = head_.load(std::memory_order_relaxed);
      }
    }
  }

 private:
  static constexpr std::size_t kApart = 128;  // two cache lines: the prefetcher of x86 fetches pairs
  struct Cell {
    std::atomic<std::size_t> sequence;
    Item item;
  };

  const std::size_t mask_;
  const std::unique_ptr<Cell[]> cells_;
  alignas(kApart) std::atomic<std::size_t> tail_{0};
  alignas(kApart) std::atomic<std::size_t> head_{0};
};
