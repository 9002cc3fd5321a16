// moodycamel::ConcurrentQueue 1.0.3 as installed, with blocks of two items: set_empty counts a block's emptied slots with
// fetch_add(release), which does not acquire what the threads that emptied the others did; the block is used again although,
// by the language, their reads of it may not be over (upstream #325). A data race that real hardware hides, and that needs
// three threads and blocks that are used again soon.
#include <concurrentqueue/concurrentqueue.h>

#include "control.hpp"

namespace {

struct SmallBlocks : moodycamel::ConcurrentQueueDefaultTraits {
  static constexpr std::size_t BLOCK_SIZE = 2;
  static constexpr std::size_t INITIAL_IMPLICIT_PRODUCER_HASH_SIZE = 2;
  static constexpr std::size_t IMPLICIT_INITIAL_INDEX_SIZE = 2;
  static constexpr std::size_t EXPLICIT_INITIAL_INDEX_SIZE = 2;
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

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  add_control<MoodycamelSmallBlocks>(registry, "moodycamel_small_blocks",
                                     {.library = "moodycamel 1.0.3",
                                      .bounded = false,
                                      .order = queue::per_producer,
                                      .progress = queue::lock_free,
                                      .empty = queue::may_fail_spuriously,
                                      .fences = true},
                                     {{.detector = "explore*", .kind = "race", .grade = racetrack::Grade::must},
                                      {.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may}},
                                     {.producers = "1", .consumers = "2"});
}
