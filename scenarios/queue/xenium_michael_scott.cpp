// xenium::michael_scott_queue with epoch-based reclamation.
//
// Algorithm: Michael and Scott's linked queue (PODC 1996), one node allocated per item. Source: Manuel Pöter,
// github.com/mpoeter/xenium. Order: first in, first out. Progress: lock-free, apart from memory allocation.
// Capacity: unbounded. Empty is exact.
// Caveats: the reclaimer uses atomic_thread_fence.
#include "xenium_reclaimer.hpp"

#include <xenium/michael_scott_queue.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

template <class Item>
class XeniumMichaelScottQueue {
 public:
  explicit XeniumMichaelScottQueue(std::size_t /*unbounded*/) {}

  bool try_push(const Item& item) {
    queue_.push(item);
    return true;
  }
  bool try_pop(Item& item) { return queue_.try_pop(item); }

 private:
  xenium::michael_scott_queue<Item, XeniumReclaimer> queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, XeniumMichaelScottQueue>(
      "xenium_michael_scott", {.library = "xenium 0.0.2", .bounded = false, .progress = lock_free, .fences = true});
}
