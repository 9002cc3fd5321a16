// xenium::ramalhete_queue with epoch-based reclamation.
//
// Algorithm: FAAArrayQueue: a linked list of arrays whose places are taken by fetch_add. A pop that finds its place
// still empty spins a while, then invalidates it, and the push must take another. Source: Pedro Ramalhete and Andreia
// Correia, 2016; Manuel Pöter, github.com/mpoeter/xenium. Order: first in, first out. Progress: lock-free, apart from
// memory allocation.
// Capacity: unbounded, in arrays of 512. Empty is exact.
// Carries pointers only. Caveats: the reclaimer uses atomic_thread_fence.
#include "xenium_reclaimer.hpp"

#include <xenium/ramalhete_queue.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

template <class Carried>
class XeniumRamalheteQueue {};

template <class Item>
class XeniumRamalheteQueue<Item*> {
 public:
  explicit XeniumRamalheteQueue(std::size_t /*unbounded*/) {}

  bool try_push(Item* item) {
    queue_.push(item);
    return true;
  }
  bool try_pop(Item*& item) { return queue_.try_pop(item); }

 private:
  xenium::ramalhete_queue<Item*, XeniumReclaimer> queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, XeniumRamalheteQueue>(
      "xenium_ramalhete", {.library = "xenium 0.0.2", .bounded = false, .progress = lock_free, .fences = true});
}
