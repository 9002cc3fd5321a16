// Treiber's stack (Systems Programming: Coping with Parallelism, IBM RJ 5118, 1986) with node reuse and without a
// counter. A thread reads top = A and A's next = B. Others then pop A and B and push A again. The thread finds A on top
// as before (ABA) and makes B the top, although B is in use elsewhere. Free nodes form a stack as well, so producers
// and consumers all push and pop. Three threads are enough: two pop items, and one pushes the nodes that they have
// freed. With two threads: lock/free_list.
//
// Corrected: every change of top increments a counter in its other half (IBM's own remedy).
#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "control.hpp"

namespace {

using Index = std::uint32_t;
constexpr Index kNone = ~Index{0};

struct Top {
  Index node;
};
struct alignas(8) CountedTop {
  Index node;
  std::uint32_t changes;
};

template <class Item>
struct Node {
  std::atomic<Index> next{kNone};
  Item item{};
};

/// A stack of nodes of an array. The compare-exchange compares a TopType.
template <class Item, class TopType>
class Stack {
 public:
  explicit Stack(Node<Item>* nodes) : nodes_(nodes) {}

  void push(Index node) {
    TopType top = top_.load(std::memory_order_relaxed);  // relaxed: the compare-exchange checks it
    do {
      nodes_[node].next.store(top.node, std::memory_order_relaxed);  // relaxed: published by the release below
      // release: publishes the item and the link to the acquire in pop.
    } while (
        !top_.compare_exchange_weak(top, changed(top, node), std::memory_order_release, std::memory_order_relaxed));
  }
  /// Returns kNone when the stack is empty.
  Index pop() {
    TopType top = top_.load(std::memory_order_acquire);  // pairs with the release in push: the link of the top node
    while (top.node != kNone) {
      const Index next = nodes_[top.node].next.load(std::memory_order_relaxed);
      // acquire: pairs with the release in push; on failure, to read the next link.
      if (top_.compare_exchange_weak(top, changed(top, next), std::memory_order_acquire)) break;
    }
    return top.node;
  }

 private:
  static TopType changed(const TopType& top, Index node) {
    if constexpr (std::is_same_v<TopType, CountedTop>) {
      return {node, top.changes + 1};
    } else {
      static_cast<void>(top);
      return {node};
    }
  }

  Node<Item>* nodes_;
  alignas(racetrack::kApart) std::atomic<TopType> top_{changed(TopType{}, kNone)};
};

/// A bag of items. It pops the last item first, but does not guarantee that.
template <class Item, class TopType>
class TreiberBag {
 public:
  explicit TreiberBag(std::size_t capacity)
      : nodes_(std::make_unique<Node<Item>[]>(capacity)), free_(nodes_.get()), full_(nodes_.get()) {
    for (std::size_t i = 0; i < capacity; ++i) free_.push(static_cast<Index>(i));
  }

  bool try_push(Item item) {
    const Index node = free_.pop();
    if (node == kNone) return false;
    nodes_[node].item = item;
    full_.push(node);
    return true;
  }
  bool try_pop(Item& item) {
    const Index node = full_.pop();
    if (node == kNone) return false;
    item = nodes_[node].item;
    free_.push(node);
    return true;
  }

 private:
  std::unique_ptr<Node<Item>[]> nodes_;
  Stack<Item, TopType> free_, full_;
};

template <class Item>
using Faulty = TreiberBag<Item, Top>;
template <class Item>
using Corrected = TreiberBag<Item, CountedTop>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  const queue::Traits traits{.library = "racetrack",
                             .order = queue::Order::none,
                             .progress = queue::lock_free,
                             .full = queue::may_fail_spuriously};
  // Rare on real threads: one thread must stop between two instructions while the others do several operations.
  const racetrack::Expectation expectation{{.detector = "oracle.*", .kind = "*", .grade = racetrack::Grade::may},
                                           {.detector = "explore*", .kind = "*", .grade = racetrack::Grade::must},
                                           {.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may},
                                           {.detector = "watchdog", .kind = "*", .grade = racetrack::Grade::may}};
  add_control<Faulty>(registry, "treiber_aba", traits, expectation, {.capacity = "3"});
  add_control<Corrected>(registry, "treiber_aba_mended", traits, {}, {.capacity = "3"});
  const ControlCase three_threads{.producers = "1", .consumers = "2", .capacity = "3"};
  add_control<Faulty>(registry, "treiber_aba_three_threads", traits, expectation, three_threads);
  add_control<Corrected>(registry, "treiber_aba_three_threads_mended", traits, {}, three_threads);
}
