// xenium::kirsch_kfifo_queue with epoch-based reclamation: a queue with relaxed order.
//
// Algorithm: a linked list of segments of k slots; pushes and pops start at a random slot of the last and the
// first segment. Source: Kirsch, Lippautz and Payer, Fast and Scalable, Lock-Free k-FIFO Queues (PaCT 2013);
// Manuel Pöter, github.com/mpoeter/xenium. Order: none, not even per producer: an item may be overtaken by k
// - 1 others; k is 8 here.
// Progress: lock-free, apart from memory allocation.
// Capacity: unbounded. Empty is exact: a pop from the last segment moves the tail on first, so that a scan
// which missed an item sees the tail moved.
// Carries pointers only. Caveats: the reclaimer uses atomic_thread_fence; and the explorer finds lost items in weak memory, none when every
// order of the header is seq_cst: pushes look with relaxed order whether their segment has been taken out meanwhile.
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
