// atomic_queue::AtomicQueueB2: its capacity is a constructor argument.
//
// Algorithm, source, order, progress, empty and full: as in atomic_queue2.cpp.
// Capacity: the next power of two, and at least 4096. The library spreads neighbouring positions over the cache lines
// of its state bytes, 64 bytes to a line, and needs 64 * 64 slots for that.
#include <algorithm>

#include <atomic_queue/atomic_queue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

template <class Item>
class AtomicQueueB2 {
 public:
  explicit AtomicQueueB2(std::size_t capacity) : queue_(static_cast<unsigned>(capacity)) {}

  bool try_push(const Item& item) { return queue_.try_push(item); }
  bool try_pop(Item& item) { return queue_.try_pop(item); }

 private:
  atomic_queue::AtomicQueueB2<Item> queue_;
};

std::uint64_t actual_capacity(std::uint64_t requested) noexcept {
  constexpr auto kLine = static_cast<std::uint64_t>(atomic_queue::CACHE_LINE_SIZE);
  return std::max(racetrack::queue::next_power_of_two(requested), kLine * kLine);
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, AtomicQueueB2>("atomic_queue_b2", {.library = "atomic_queue 2022-05-18",
                                                          .order = none,
                                                          .progress = blocking,
                                                          .empty = may_fail_spuriously,
                                                          .full = may_fail_spuriously,
                                                          .actual_capacity = actual_capacity});
}
