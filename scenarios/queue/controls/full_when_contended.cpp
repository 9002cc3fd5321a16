// try_push says full when another thread has the lock at the moment, and declares that its full is exact. For the oracle of
// fullness. The same queue that declares may_fail_spuriously is right: that is its mended twin.
#include "control.hpp"

namespace {

template <class Item>
class FullWhenContended : public MutexQueue<Item> {
 public:
  using MutexQueue<Item>::MutexQueue;

  bool try_push(Item item) {
    const std::unique_lock lock(this->mutex_, std::try_to_lock);
    if (!lock.owns_lock() || this->items_.size() >= this->capacity_) return false;
    this->items_.push_back(item);
    return true;
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  add_control<FullWhenContended>(registry, "full_when_contended", {.library = "racetrack"},
                                 racetrack::expect_fault("oracle.full", "false_full"), {.capacity = "64"});
  add_control<FullWhenContended>(registry, "full_when_contended_mended",
                                 {.library = "racetrack", .full = queue::may_fail_spuriously}, {}, {.capacity = "64"});
}
