// try_pop reports empty while another thread holds the lock, yet declares that its empty is exact. Tests the emptiness
// oracle. The corrected twin is the same queue declaring may_fail_spuriously.
#include "control.hpp"

namespace {

template <class Item>
class EmptyWhenContended : public MutexQueue<Item> {
 public:
  using MutexQueue<Item>::MutexQueue;

  bool try_pop(Item& item) {
    const std::unique_lock lock(this->mutex_, std::try_to_lock);
    if (!lock.owns_lock() || this->items_.empty()) return false;
    item = this->items_.front();
    this->items_.pop_front();
    return true;
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  add_control<EmptyWhenContended>(registry, "empty_when_contended", {.library = "racetrack"},
                                  racetrack::expect_fault("oracle.emptiness", "false_empty"), {.capacity = "64"});
  add_control<EmptyWhenContended>(registry, "empty_when_contended_mended",
                                  {.library = "racetrack", .empty = queue::may_fail_spuriously}, {},
                                  {.capacity = "64"});
}
