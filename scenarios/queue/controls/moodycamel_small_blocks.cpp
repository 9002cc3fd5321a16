// moodycamel::ConcurrentQueue 1.0.3 as installed, with blocks of two items. set_empty counts a block's emptied slots
// with fetch_add(release), which does not acquire the work of the threads that emptied the other slots. The block is
// then reused although, by the standard, their reads of it may not be complete (upstream #325). Real hardware hides
// this data race. It needs three threads, and blocks that are reused soon.
//
// Corrected: producers use tokens. For these the library marks each slot of a small block by a separate flag, and uses
// no counter.
#include <concurrentqueue.h>

#include "control.hpp"

namespace {

struct SmallBlocks : moodycamel::ConcurrentQueueDefaultTraits {
  // NOLINTBEGIN(readability-identifier-naming): the library's names
  static constexpr std::size_t BLOCK_SIZE = 2;
  static constexpr std::size_t INITIAL_IMPLICIT_PRODUCER_HASH_SIZE = 2;
  static constexpr std::size_t IMPLICIT_INITIAL_INDEX_SIZE = 2;
  static constexpr std::size_t EXPLICIT_INITIAL_INDEX_SIZE = 2;
  // NOLINTEND(readability-identifier-naming)
};

template <class Item>
class MoodycamelSmallBlocks {
 public:
  explicit MoodycamelSmallBlocks(std::size_t /*capacity*/) {}
  bool try_push(Item item) { return queue_.enqueue(item); }
  bool try_pop(Item& item) { return queue_.try_dequeue(item); }

 private:
  moodycamel::ConcurrentQueue<Item, SmallBlocks> queue_;
};

template <class Item>
class WithTokens {
  using Native = moodycamel::ConcurrentQueue<Item, SmallBlocks>;

 public:
  class Producer {
   public:
    explicit Producer(Native& queue) : queue_(queue), token_(queue) {}
    bool try_push(Item item) { return queue_.enqueue(token_, item); }

   private:
    Native& queue_;
    moodycamel::ProducerToken token_;
  };
  class Consumer {
   public:
    explicit Consumer(Native& queue) : queue_(queue) {}
    bool try_pop(Item& item) { return queue_.try_dequeue(item); }

   private:
    Native& queue_;
  };

  explicit WithTokens(std::size_t /*capacity*/) {}
  Producer producer() { return Producer(queue_); }
  Consumer consumer() { return Consumer(queue_); }

 private:
  Native queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  const queue::Traits traits{.library = "moodycamel 1.0.3",
                             .bounded = false,
                             .order = queue::per_producer,
                             .progress = queue::lock_free,
                             .empty = queue::may_fail_spuriously,
                             .fences = true};
  // The library starts with six blocks, which hold 12 items. More items make it reuse a block.
  const ControlCase three_threads{.producers = "1", .consumers = "2", .explored_work = 16};
  add_control<MoodycamelSmallBlocks>(registry, "moodycamel_small_blocks", traits,
                                     {{.detector = "explore*", .kind = "race", .grade = racetrack::Grade::must},
                                      {.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may}},
                                     three_threads);
  add_control<WithTokens>(registry, "moodycamel_small_blocks_mended", traits, {}, three_threads);
}
