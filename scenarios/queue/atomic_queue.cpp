// atomic_queue::AtomicQueue: a ring of atomic elements, for items of 8 bytes that are never zero.
//
// Algorithm: positions as in atomic_queue2.cpp. An element that is zero is empty, so a slot needs no state byte.
// Source: Maxim Egorushkin, github.com/max0x7ba/atomic_queue. Order, progress and capacity: as in atomic_queue2.cpp.
//   atomic_queue                try_push and try_pop
//   atomic_queue_optimist       push and pop, which take a position at once and spin until its slot is free or full.
//                               Fastest when each thread has a processor and the queue is neither full nor empty
//   atomic_queue_spsc           uses the library's flag for one producer and one consumer: no compare-and-swap. Items
//                               come out in order; empty and full are exact
//   atomic_queue_spsc_optimist  the same with push and pop
//
// `options` are the library's template arguments:
//   default      the library's own choice
//   unshuffled   slots that are neighbours in order are neighbours in memory (MINIMIZE_CONTENTION off)
//   latency      no pause while it waits (MAXIMIZE_THROUGHPUT off)
//   total_order  sequentially consistent positions in push and pop (TOTAL_ORDER on; only atomic_queue_optimist has it)
#include <bit>
#include <cstdint>

#include <atomic_queue/atomic_queue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>
#include <racetrack/variants.hpp>

#include "atomic_queue_sizes.hpp"

namespace {

using Word = std::uint64_t;

struct Options {
  bool shuffled = true, throughput = true, total_order = false, spsc = false;
};

template <Options kOptions>
struct Ring {
  template <unsigned kSize>
  using Native = atomic_queue::AtomicQueue<Word, kSize, Word{0}, kOptions.shuffled, kOptions.throughput,
                                           kOptions.total_order, kOptions.spsc>;

  /// Accepts items of 8 bytes only.
  template <class Item>
  class Tries {
   public:
    explicit Tries(std::size_t capacity) : queue_(capacity) {}
    bool try_push(const Item& item) {
      return queue_.with([&](auto& queue) { return queue.try_push(std::bit_cast<Word>(item)); });
    }
    bool try_pop(Item& item) {
      return queue_.with([&](auto& queue) {
        Word word = 0;
        if (!queue.try_pop(word)) return false;
        item = std::bit_cast<Item>(word);
        return true;
      });
    }

   private:
    BySize<Native> queue_;
  };

  template <class Item>
  class Optimist {
   public:
    explicit Optimist(std::size_t capacity) : queue_(capacity) {}
    void push(const Item& item) {
      queue_.with([&](auto& queue) { queue.push(std::bit_cast<Word>(item)); });
    }
    Item pop() {
      return std::bit_cast<Item>(queue_.with([](auto& queue) { return queue.pop(); }));
    }

   private:
    BySize<Native> queue_;
  };
};

using namespace racetrack::queue;

std::uint64_t actual_capacity(std::uint64_t requested) noexcept {
  return BySize<Ring<Options{}>::Native>::actual_capacity(requested);
}

Traits many() {
  return {.library = "atomic_queue 2022-05-18",
          .order = none,
          .progress = blocking,
          .empty = may_fail_spuriously,
          .full = may_fail_spuriously,
          .actual_capacity = actual_capacity};
}
Traits one_to_one() {
  return {.library = "atomic_queue 2022-05-18",
          .producers = single,
          .consumers = single,
          .progress = blocking,
          .actual_capacity = actual_capacity};
}

template <Options kOptions>
void add_tries(racetrack::Registry& registry) {
  if constexpr (kOptions.spsc) {
    registry.add<Words, Ring<kOptions>::template Tries>("atomic_queue_spsc", one_to_one());
  } else {
    registry.add<Words, Ring<kOptions>::template Tries>("atomic_queue", many());
  }
}
template <Options kOptions>
void add_optimist(racetrack::Registry& registry) {
  if constexpr (kOptions.spsc) {
    registry.add<Words, Ring<kOptions>::template Optimist>("atomic_queue_spsc_optimist", one_to_one());
  } else {
    registry.add<Words, Ring<kOptions>::template Optimist>("atomic_queue_optimist", many());
  }
}

template <bool kSpsc>
void add_all(racetrack::Registry& registry) {
  constexpr Options kDefault{.spsc = kSpsc}, kUnshuffled{.shuffled = false, .spsc = kSpsc},
      kLatency{.throughput = false, .spsc = kSpsc}, kTotalOrder{.total_order = true, .spsc = kSpsc};
  racetrack::Variants tries("options"), optimist("options");
  tries.add("default", add_tries<kDefault>);
  tries.add("unshuffled", add_tries<kUnshuffled>);
  tries.add("latency", add_tries<kLatency>);
  optimist.add("default", add_optimist<kDefault>);
  optimist.add("unshuffled", add_optimist<kUnshuffled>);
  optimist.add("latency", add_optimist<kLatency>);
  if constexpr (!kSpsc) optimist.add("total_order", add_optimist<kTotalOrder>);
  tries.add_to(registry);
  optimist.add_to(registry);
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_all<false>(registry);
  add_all<true>(registry);
}
