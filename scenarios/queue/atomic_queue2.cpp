// atomic_queue::AtomicQueue2: its capacity is a template argument.
//
// Algorithm: a ring with one state byte per slot (empty, storing, stored, loading). A push takes a position from the
// head counter, a pop from the tail counter, both by compare-and-swap. Each then waits until its slot's state admits
// it.
// Source: Maxim Egorushkin, github.com/max0x7ba/atomic_queue.
// Order: none. Its README claims first in, first out only for push and pop in totally ordered mode, not for try_push
// and try_pop. A slot's state has no lap number: when a consumer stops between taking its position and reading its
// slot, the consumer one lap later can take that slot's item. Under load the order oracle detects this. Two consumers
// are enough, or two producers.
// Progress: blocking. A thread that has a position spins until its slot's state admits it. So a stalled producer stops
// the consumer of its slot inside try_pop, where Vyukov's queue would report empty.
// Empty and full: compared from the position counters, so a stalled thread can make them premature.
// Capacity: requests up to 64 give 64, up to 1024 give 1024, up to 128 Ki give 128 Ki; larger requests are refused.
//
// atomic_queue2_spsc uses the library's flag for one producer and one consumer: no compare-and-swap. Positions are
// taken in order, and empty and full are exact.
#include <atomic_queue/atomic_queue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "atomic_queue_sizes.hpp"

namespace {

template <class Item, bool kSpsc>
class Ring {
  template <unsigned kSize>
  using Native = atomic_queue::AtomicQueue2<Item, kSize, true, true, false, kSpsc>;

 public:
  explicit Ring(std::size_t capacity) : queue_(capacity) {}

  bool try_push(const Item& item) {
    return queue_.with([&](auto& queue) { return queue.try_push(item); });
  }
  bool try_pop(Item& item) {
    return queue_.with([&](auto& queue) { return queue.try_pop(item); });
  }

  static std::uint64_t actual_capacity(std::uint64_t requested) noexcept {
    return BySize<Native>::actual_capacity(requested);
  }

 private:
  BySize<Native> queue_;
};

template <class Item>
using AtomicQueue2 = Ring<Item, false>;
template <class Item>
using AtomicQueue2Spsc = Ring<Item, true>;

std::uint64_t actual_capacity(std::uint64_t requested) noexcept { return Ring<int, false>::actual_capacity(requested); }

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, AtomicQueue2>("atomic_queue2", {.library = "atomic_queue 2022-05-18",
                                                       .order = none,
                                                       .progress = blocking,
                                                       .empty = may_fail_spuriously,
                                                       .full = may_fail_spuriously,
                                                       .actual_capacity = actual_capacity});
  registry.add<Family, AtomicQueue2Spsc>("atomic_queue2_spsc", {.library = "atomic_queue 2022-05-18",
                                                                .producers = single,
                                                                .consumers = single,
                                                                .progress = blocking,
                                                                .actual_capacity = actual_capacity});
}
