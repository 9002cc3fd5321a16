// moodycamel::ConcurrentQueue, used without tokens.
//
// Algorithm: one sub-queue of linked blocks per producer thread, found through a hash table. Consumers search for a
// sub-queue with items and take a place in it by fetch_add. Source: Cameron Desrochers, 2014,
// github.com/cameron314/concurrentqueue.
// Order: per producer only. Progress: lock-free, apart from memory allocation.
// Capacity: unbounded; blocks are kept until the queue is destroyed.
// Caveats: try_dequeue visits one sub-queue after the other, so it may report empty while items come and go in those
// already visited. The author calls it eventually consistent (issue 265 there). Items are published by
// atomic_thread_fence.
#include <concurrentqueue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

template <class Item>
class MoodycamelQueue {
 public:
  explicit MoodycamelQueue(std::size_t /*unbounded*/) {}

  bool try_push(const Item& item) { return queue_.enqueue(item); }
  bool try_pop(Item& item) { return queue_.try_dequeue(item); }

 private:
  moodycamel::ConcurrentQueue<Item> queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, MoodycamelQueue>("moodycamel", {.library = "moodycamel 1.0.3",
                                                       .bounded = false,
                                                       .order = per_producer,
                                                       .progress = lock_free,
                                                       .empty = may_fail_spuriously,
                                                       .fences = true});
}
