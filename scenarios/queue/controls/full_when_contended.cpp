// try_push reports full while another thread holds the lock, yet declares that its full is exact. Tests the fullness
// oracle. The corrected twin is the same queue declaring may_fail_spuriously.
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
