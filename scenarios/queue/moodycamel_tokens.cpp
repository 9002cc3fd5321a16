// moodycamel::ConcurrentQueue: every thread has its own ProducerToken or ConsumerToken.
//
// As moodycamel.cpp, with two differences. A producer's token refers to its sub-queue, which replaces the lookup by
// thread. A consumer's token remembers the sub-queue that it took from last. Order: per producer token.
#include <concurrentqueue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

template <class Item>
class MoodycamelTokensQueue {
  using Native = moodycamel::ConcurrentQueue<Item>;

 public:
  /// Belongs to one thread. Must not outlive the queue.
  class Producer {
   public:
    explicit Producer(Native& queue) : queue_(queue), token_(queue) {}
    bool try_push(const Item& item) { return queue_.enqueue(token_, item); }

   private:
    Native& queue_;
    moodycamel::ProducerToken token_;
  };
  class Consumer {
   public:
    explicit Consumer(Native& queue) : queue_(queue), token_(queue) {}
    bool try_pop(Item& item) { return queue_.try_dequeue(token_, item); }

   private:
    Native& queue_;
    moodycamel::ConsumerToken token_;
  };

  explicit MoodycamelTokensQueue(std::size_t /*unbounded*/) {}

  Producer producer() { return Producer(queue_); }
  Consumer consumer() { return Consumer(queue_); }

 private:
  Native queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, MoodycamelTokensQueue>("moodycamel_tokens", {.library = "moodycamel 1.0.3",
                                                                    .bounded = false,
                                                                    .order = per_producer,
                                                                    .progress = lock_free,
                                                                    .empty = may_fail_spuriously,
                                                                    .fences = true});
}
