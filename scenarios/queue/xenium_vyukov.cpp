// xenium::vyukov_bounded_queue with its default, strong operations.
//
// Algorithm: Vyukov's ring (1024cores.net, 2010). Source: Manuel Pöter, github.com/mpoeter/xenium. Order: first in,
// first out.
// Progress: blocking. Behind a producer that stopped half-way, Vyukov's own try_pop reports empty; the strong form
// compares the counters and spins until that producer is done. So empty and full are exact (on x86: the counters are
// loaded relaxed).
// Capacity: the next power of two, at least 2. The library only asserts this: without assertions another size hangs or
// overwrites, so the adapter rounds up.
#include <algorithm>
#include <bit>

#include <xenium/vyukov_bounded_queue.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

std::uint64_t actual_capacity(std::uint64_t requested) noexcept {
  return std::bit_ceil(std::max<std::uint64_t>(requested, 2));
}

template <class Item>
class XeniumVyukovQueue {
 public:
  explicit XeniumVyukovQueue(std::size_t capacity) : queue_(actual_capacity(capacity)) {}

  bool try_push(const Item& item) { return queue_.try_push(item); }
  bool try_pop(Item& item) { return queue_.try_pop(item); }

 private:
  xenium::vyukov_bounded_queue<Item> queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, XeniumVyukovQueue>(
      "xenium_vyukov", {.library = "xenium 0.0.2", .progress = blocking, .actual_capacity = actual_capacity});
}
