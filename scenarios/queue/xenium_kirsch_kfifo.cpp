// xenium::kirsch_kfifo_queue with epoch-based reclamation: a queue with relaxed order.
//
// Algorithm: a linked list of segments of k slots. Pushes start at a random slot of the last segment, pops at a random
// slot of the first. Source: Kirsch, Lippautz and Payer, Fast and Scalable, Lock-Free k-FIFO Queues (PaCT 2013); Manuel
// Pöter, github.com/mpoeter/xenium.
// Order: none, not even per producer: k - 1 other items may overtake an item. Here k is 8.
// Progress: lock-free, apart from memory allocation.
// Capacity: unbounded. Empty is exact: a pop from the last segment first advances the tail, so a scan that missed an
// item sees that the tail has moved.
// Carries pointers only. Caveats: the reclaimer uses atomic_thread_fence. In weak memory the explorer finds lost items;
// it finds none when every order of the header is seq_cst. Cause: a push checks with a relaxed load whether its segment
// has been removed.
#include "xenium_reclaimer.hpp"

#include <xenium/kirsch_kfifo_queue.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

constexpr std::uint64_t kSegment = 8;

template <class Carried>
class XeniumKirschQueue {};

template <class Item>
class XeniumKirschQueue<Item*> {
 public:
  explicit XeniumKirschQueue(std::size_t /*unbounded*/) {}

  bool try_push(Item* item) {
    queue_.push(item);
    return true;
  }
  bool try_pop(Item*& item) { return queue_.try_pop(item); }

 private:
  xenium::kirsch_kfifo_queue<Item*, XeniumReclaimer> queue_{kSegment};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, XeniumKirschQueue>(
      "xenium_kirsch_kfifo",
      {.library = "xenium 0.0.2", .bounded = false, .order = none, .progress = lock_free, .fences = true},
      {{.detector = "explorer.weak", .kind = "*", .grade = racetrack::Grade::may}});
}
