// moodycamel::ReaderWriterQueue with try_enqueue, which never allocates: the queue is bounded.
//
// Algorithm: a ring of rings. Each block is a ring with one slot left free. The producer moves to the next block when
// its own is full; the consumer follows when it has emptied its own. Source: Cameron Desrochers, 2013,
// github.com/cameron314/readerwriterqueue. One producer, one consumer. Order: first in, first out.
// Progress: wait-free: neither try_enqueue nor try_dequeue has a loop.
// Capacity: requests below 1024 give one block of the next higher power of two, less one: 5 gives 7, 64 gives 127.
// Requests from 1024 on give several blocks of 511 usable slots, one more than needed: 1024 gives 4 * 511.
// Caveats: with several blocks the producer cannot return to the block that the consumer is in. So push may report full
// once the queue holds the requested number of items. Items are published by atomic_thread_fence.
#include <readerwriterqueue/readerwriterqueue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

constexpr std::size_t kBlock = 512;  // the library's default

template <class Item>
class MoodycamelSpscQueue {
 public:
  explicit MoodycamelSpscQueue(std::size_t capacity) : queue_(capacity) {}

  bool try_push(const Item& item) { return queue_.try_enqueue(item); }
  bool try_pop(Item& item) { return queue_.try_dequeue(item); }

 private:
  moodycamel::ReaderWriterQueue<Item, kBlock> queue_;
};

/// As the constructor of ReaderWriterQueue computes it.
std::uint64_t actual_capacity(std::uint64_t requested) noexcept {
  const std::uint64_t one_block = racetrack::queue::next_power_of_two(requested + 1);
  if (one_block <= kBlock * 2) return one_block - 1;
  return (requested + kBlock * 2 - 3) / (kBlock - 1) * (kBlock - 1);
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, MoodycamelSpscQueue>("moodycamel_spsc", {.library = "readerwriterqueue 1.0.6",
                                                                .producers = single,
                                                                .consumers = single,
                                                                .progress = wait_free,
                                                                .full = may_fail_spuriously,
                                                                .fences = true,
                                                                .actual_capacity = actual_capacity});
}
