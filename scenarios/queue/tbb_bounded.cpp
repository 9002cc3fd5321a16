// tbb::concurrent_bounded_queue.
//
// Algorithm: tbb_concurrent's eight lists, and two monitors. A thread sleeps on a monitor while its ticket is beyond
// the other counter. Source: oneTBB. Order: first in, first out by ticket. Progress: blocking.
// Capacity: exactly as requested. A push that waits for space already holds a ticket.
// Caveats: every successful operation checks for sleeping threads, after a full fence inside libtbb. That fence orders
// only sleeping and waking. Items pass through acquire and release in the header, so TSan's verdict is valid.
#include <tbb/concurrent_queue.h>
#include <tbb/version.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "tbb_allocator.hpp"

namespace {

template <class Item>
class TbbBoundedQueue {
  using Native = tbb::concurrent_bounded_queue<Item, TbbAllocator<Item>>;

 public:
  explicit TbbBoundedQueue(std::size_t capacity) {
    queue_.set_capacity(static_cast<typename Native::size_type>(capacity));
  }

  void push(const Item& item) { queue_.push(item); }
  Item pop() {
    Item item{};
    queue_.pop(item);
    return item;
  }
  bool try_push(const Item& item) { return queue_.try_push(item); }
  bool try_pop(Item& item) { return queue_.try_pop(item); }

 private:
  Native queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.leave_out_of_weak_memory("libtbb.so");  // the monitor of the waiting threads
  registry.add<Family, TbbBoundedQueue>("tbb_bounded", {.library = "oneTBB " TBB_VERSION_STRING, .progress = blocking});
}
