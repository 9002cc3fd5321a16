// Vyukov's bounded queue with the release store of the sequence weakened to relaxed. Nothing orders the write of the
// item before the cell is passed on, nor the read of the item before the cell is reused: data races on the items. x86
// keeps stores in order, so no oracle detects any damage there.
//
// Corrected: the release store.
#include <atomic>
#include <cstdint>
#include <memory>

#include "control.hpp"

namespace {

template <class Item, std::memory_order kHandOver>
class Vyukov {
 public:
  explicit Vyukov(std::size_t capacity) : mask_(capacity - 1), cells_(std::make_unique<Cell[]>(capacity)) {
    for (std::size_t i = 0; i < capacity; ++i)
      cells_[i].sequence.store(i, std::memory_order_relaxed);  // relaxed: before any thread starts
  }

  bool try_push(Item item) noexcept {
    std::size_t position = tail_.load(std::memory_order_relaxed);  // relaxed: a hint, the compare-exchange checks it
    for (;;) {
      Cell& cell = cells_[position & mask_];
      const std::size_t sequence = cell.sequence.load(std::memory_order_acquire);  // pairs with kHandOver in try_pop
      const auto turn = static_cast<std::intptr_t>(sequence - position);
      if (turn < 0) return false;
      if (turn > 0) {
        position = tail_.load(std::memory_order_relaxed);
      } else if (tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
        // relaxed above: the counter only distributes places
        cell.item = item;
        cell.sequence.store(position + 1, kHandOver);  // must be release: publishes the item
        return true;
      }
    }
  }
  bool try_pop(Item& item) noexcept {
    std::size_t position = head_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[position & mask_];
      const std::size_t sequence = cell.sequence.load(std::memory_order_acquire);  // pairs with kHandOver in try_push
      const auto turn = static_cast<std::intptr_t>(sequence - (position + 1));
      if (turn < 0) return false;
      if (turn > 0) {
        position = head_.load(std::memory_order_relaxed);
      } else if (head_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
        item = cell.item;
        cell.sequence.store(position + mask_ + 1, kHandOver);  // must be release: completes our read of the item
        return true;
      }
    }
  }

 private:
  struct Cell {
    std::atomic<std::size_t> sequence;
    Item item;
  };
  const std::size_t mask_;
  const std::unique_ptr<Cell[]> cells_;
  alignas(racetrack::kApart) std::atomic<std::size_t> tail_{0};
  alignas(racetrack::kApart) std::atomic<std::size_t> head_{0};
};

template <class Item>
using Faulty = Vyukov<Item, std::memory_order_relaxed>;
template <class Item>
using Corrected = Vyukov<Item, std::memory_order_release>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  const queue::Traits traits{.library = "racetrack",
                             .empty = queue::may_fail_spuriously,
                             .full = queue::may_fail_spuriously,
                             .actual_capacity = queue::next_power_of_two};
  racetrack::Expectation expectation = racetrack::expect_race();
  expectation.push_back({.detector = "*", .kind = "*", .grade = racetrack::Grade::may});  // on machines other than x86
  add_control<Faulty>(registry, "vyukov_relaxed_store", traits, expectation);
  add_control<Corrected>(registry, "vyukov_relaxed_store_mended", traits, {});
}
