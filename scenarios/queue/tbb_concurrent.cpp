// tbb::concurrent_queue.
//
// Algorithm: eight lists of pages. A push takes a ticket from the tail counter, a pop from the head counter;
// ticket mod 8 chooses the list, and within a list tickets are served one after the other. Source: oneTBB;
// after Gottlieb, Lubachevsky and Rudolph (TOPLAS 1983). Order: first in, first out by ticket.
// Progress: blocking, although its documentation says non-blocking: who has a ticket spins (later yields)
// until the ticket before it in the same list has been served, and a pop until its push is complete.
// Capacity: unbounded.
// Caveats: empty is the comparison of both counters, so it is exact: a stalled push is waited for. The two
// loads are relaxed, and the C++ memory model (not x86) lets them change places: then empty may be false
// (oneTBB issue 782).
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

  bool try_push(Item item) {
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
