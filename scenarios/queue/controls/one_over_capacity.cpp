// Holds one item more than its capacity: > instead of >=. Tests the capacity oracle.
//
// Corrected: >=.
#include "control.hpp"

namespace {

template <class Item>
class OneOverCapacity : public MutexQueue<Item> {
 public:
  using MutexQueue<Item>::MutexQueue;

  bool try_push(Item item) {
    const std::lock_guard lock(this->mutex_);
    if (this->items_.size() > this->capacity_) return false;
    this->items_.push_back(item);
    return true;
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_control<OneOverCapacity>(registry, "one_over_capacity", {.library = "racetrack"},
                               racetrack::expect_fault("oracle.capacity", "overflow"), {.capacity = "2"});
  add_control<MutexQueue>(registry, "one_over_capacity_mended", {.library = "racetrack"}, {}, {.capacity = "2"});
}
