// A ring for one producer and one consumer that computes the slot of a position by a mask, for any capacity
// (rust-embedded/heapless #243). With a capacity that is not a power of two, positions less than one lap apart share a
// slot: items are overwritten before they are read.
//
// Corrected: uses the remainder.
#include <atomic>
#include <cstdint>
#include <vector>

#include "control.hpp"

namespace {

template <class Item, bool kRemainder>
class MaskedRing {
 public:
  explicit MaskedRing(std::size_t capacity) : slots_(capacity) {}

  /// Only the producer may call it.
  bool try_push(Item item) {
    const std::uint64_t position = written_.load(std::memory_order_relaxed);  // relaxed: only this thread writes it
    // acquire: pairs with the release in try_pop; the consumer has read the slot before it is overwritten.
    if (position - read_.load(std::memory_order_acquire) == slots_.size()) return false;
    slots_[slot_of(position)] = item;
    written_.store(position + 1, std::memory_order_release);  // publishes the item to the acquire in try_pop
    return true;
  }
  /// Only the consumer may call it.
  bool try_pop(Item& item) {
    const std::uint64_t position = read_.load(std::memory_order_relaxed);  // relaxed: only this thread writes it
    // acquire: pairs with the release in try_push; the item is complete.
    if (written_.load(std::memory_order_acquire) == position) return false;
    item = slots_[slot_of(position)];
    // release: pairs with the acquire in try_push; the producer may overwrite the slot from now on.
    read_.store(position + 1, std::memory_order_release);
    return true;
  }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t position) const {
    return kRemainder ? position % slots_.size() : position & (slots_.size() - 1);
  }

  std::vector<Item> slots_;
  std::atomic<std::uint64_t> written_{0}, read_{0};
};

template <class Item>
using Faulty = MaskedRing<Item, false>;
template <class Item>
using Corrected = MaskedRing<Item, true>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  const racetrack::queue::Traits traits{.library = "racetrack",
                                        .producers = racetrack::queue::single,
                                        .consumers = racetrack::queue::single,
                                        .progress = racetrack::queue::wait_free};
  const racetrack::Expectation expectation{
      {.detector = "oracle.*", .kind = "*", .grade = Grade::must},
      {.detector = "explore*", .kind = "*", .grade = Grade::must},
      {.detector = "tsan", .kind = "race", .grade = Grade::may},
  };
  add_control<Faulty>(registry, "mask_any_capacity", traits, expectation, {.capacity = "3"});
  add_control<Corrected>(registry, "mask_any_capacity_mended", traits, {}, {.capacity = "3"});
}
