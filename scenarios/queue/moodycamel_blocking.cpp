// moodycamel::BlockingConcurrentQueue: ConcurrentQueue with a counting semaphore.
//
// Algorithm: enqueue adds its item, then signals the semaphore. A consumer first takes a count, then tries until it
// finds an item. The semaphore spins up to 10,000 times before it sleeps. Source: Cameron Desrochers, with Jeff
// Preshing's semaphore. Order: per producer only.
// Progress: blocking. wait_dequeue sleeps. In both forms, a thread that has taken a count tries without end.
// Capacity: unbounded, so push never waits.
// Caveats: try_dequeue reports empty when the count is zero. A consumer with a count may take the item of a push that
// has not signalled yet, and leave the item of one that has. Then try_dequeue reports empty although the item of a
// complete push is inside.
#include <blockingconcurrentqueue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

template <class Item>
class MoodycamelBlockingQueue {
 public:
  explicit MoodycamelBlockingQueue(std::size_t /*unbounded*/) {}

  void push(const Item& item) { queue_.enqueue(item); }
  Item pop() {
    Item item{};
    queue_.wait_dequeue(item);
    return item;
  }
  bool try_push(const Item& item) { return queue_.enqueue(item); }
  bool try_pop(Item& item) { return queue_.try_dequeue(item); }

 private:
  moodycamel::BlockingConcurrentQueue<Item> queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, MoodycamelBlockingQueue>("moodycamel_blocking", {.library = "moodycamel 1.0.3",
                                                                        .bounded = false,
                                                                        .order = per_producer,
                                                                        .progress = blocking,
                                                                        .empty = may_fail_spuriously,
                                                                        .fences = true});
}
