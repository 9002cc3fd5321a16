// tbb::concurrent_queue.
//
// Algorithm: eight lists of pages. A push takes a ticket from the tail counter, a pop from the head counter. Ticket mod
// 8 chooses the list; within a list, tickets are served one after the other. Source: oneTBB; after Gottlieb,
// Lubachevsky and Rudolph (TOPLAS 1983). Order: first in, first out by ticket.
// Progress: blocking, although its documentation says non-blocking. A thread that has a ticket spins (later yields)
// until the previous ticket in the same list has been served; a pop also waits until its push is complete.
// Capacity: unbounded.
// Caveats: empty compares both counters, so it is exact: a pop waits for a stalled push. The two loads are relaxed, and
// the C++ memory model (not x86) allows them to be reordered: then empty may be false (oneTBB issue 782).
#include <tbb/concurrent_queue.h>
#include <tbb/version.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "tbb_allocator.hpp"

namespace {

template <class Item>
class TbbConcurrentQueue {
 public:
  explicit TbbConcurrentQueue(std::size_t /*unbounded*/) {}

  bool try_push(const Item& item) {
    queue_.push(item);
    return true;
  }
  bool try_pop(Item& item) { return queue_.try_pop(item); }

 private:
  tbb::concurrent_queue<Item, TbbAllocator<Item>> queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, TbbConcurrentQueue>(
      "tbb_concurrent", {.library = "oneTBB " TBB_VERSION_STRING, .bounded = false, .progress = blocking});
}
