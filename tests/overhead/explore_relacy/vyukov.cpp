// Vyukov's bounded queue (1024cores.net) of capacity 2. One thread pushes three times, the other pops three times;
// neither waits when the queue is full or empty. relacy_vyukov.cpp is the same program, operation by operation, written
// for relacy.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include <racetrack/explore.hpp>

namespace {

class Queue {
 public:
  Queue() {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].sequence.store(i, std::memory_order_relaxed);
  }
  bool push(int item) {
    std::size_t position = head_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[position & kMask];
      const auto ahead = static_cast<std::ptrdiff_t>(cell.sequence.load(std::memory_order_acquire) - position);
      if (ahead == 0) {
        if (head_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
          cell.item = item;
          cell.sequence.store(position + 1, std::memory_order_release);  // pairs with the load in pop
          return true;
        }
      } else if (ahead < 0) {
        return false;
      } else {
        position = head_.load(std::memory_order_relaxed);
      }
    }
  }
  bool pop(int& item) {
    std::size_t position = tail_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[position & kMask];
      const auto ahead = static_cast<std::ptrdiff_t>(cell.sequence.load(std::memory_order_acquire) - (position + 1));
      if (ahead == 0) {
        if (tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
          item = cell.item;
          cell.sequence.store(position + kMask + 1, std::memory_order_release);  // pairs with the load in push
          return true;
        }
      } else if (ahead < 0) {
        return false;
      } else {
        position = tail_.load(std::memory_order_relaxed);
      }
    }
  }

 private:
  static constexpr std::size_t kMask = 1;
  struct Cell {
    std::atomic<std::size_t> sequence;
    int item;
  };
  std::array<Cell, kMask + 1> cells_;
  std::atomic<std::size_t> head_ = 0, tail_ = 0;
};

}  // namespace

RACETRACK_EXPLORE(vyukov) {
  Queue queue;
  std::thread producer([&] {
    for (int item = 1; item <= 3; ++item) queue.push(item);
  });
  int last = 0;
  for (int i = 0; i < 3; ++i) {
    int item = 0;
    if (!queue.pop(item)) continue;
    racetrack::check(item == last + 1, "first in, first out");
    last = item;
  }
  producer.join();
}
