// boost::lockfree::spsc_queue with a size chosen at run time.
//
// Algorithm: Lamport's ring (1983) without cached indices: every operation reads the other side's index.
// Source: Tim Blechmann, Boost.Lockfree. One producer, one consumer. Order: first in, first out. Progress: wait-free.
// Capacity: exactly as requested; the ring has one slot more. Empty and full are exact.
#include <boost/lockfree/spsc_queue.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "boost_version.hpp"

namespace {

template <class Item>
class BoostSpscQueue {
 public:
  explicit BoostSpscQueue(std::size_t capacity) : queue_(capacity) {}

  bool try_push(const Item& item) { return queue_.push(item); }
  bool try_pop(Item& item) { return queue_.pop(item); }

 private:
  boost::lockfree::spsc_queue<Item> queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, BoostSpscQueue>(
      "boost_spsc", {.library = boost_version(), .producers = single, .consumers = single, .progress = wait_free});
}
