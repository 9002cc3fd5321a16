// Michael and Scott's queue (PODC 1996) with node reuse, as in boost::lockfree, where the tag in a node's `next`
// restarts at 0 whenever the node is freed or reused (Boost.Lockfree pull request #138 concerns such a reset). A
// producer reads "no next, tag 0" from the last node and is preempted. That node then passes through the queue to the
// bottom of the free list. The producer finds the same word there (ABA) and links its own node into the free list: its
// item is lost.
//
// Kept: the tag continues from its last value (the authors' own method).
#include <atomic>
#include <cstdint>
#include <memory>

#include "control.hpp"

namespace {

using Index = std::uint32_t;
constexpr Index kNone = ~Index{0};

/// The index of a node, with a count of the changes of the word that holds it. All operations here are sequentially
/// consistent.
struct alignas(8) Link {
  Index node = kNone;
  std::uint32_t tag = 0;
  friend bool operator==(const Link&, const Link&) = default;
};

struct Node {
  std::atomic<Link> next{};
  std::atomic<Index> place{0};  ///< of the item; late threads read it and discard it
};

/// Nodes that are not in use: a stack, linked by `next`.
template <bool kReset>
class FreeNodes {
 public:
  explicit FreeNodes(Node* nodes) : nodes_(nodes) {}

  void put(Index node) {
    Link top = top_;
    Link next = nodes_[node].next;
    do {
      next = {top.node, kReset ? 0 : next.tag + 1};
      nodes_[node].next = next;
    } while (!top_.compare_exchange_weak(top, {node, top.tag + 1}));
  }
  /// Returns kNone when the stack is empty.
  Index take() {
    Link top = top_;
    while (top.node != kNone && !top_.compare_exchange_weak(top, {nodes_[top.node].next.load().node, top.tag + 1})) {
    }
    return top.node;
  }

 private:
  Node* nodes_;
  alignas(racetrack::kApart) std::atomic<Link> top_{};
};

/// Each item has a separate place, passed along with the nodes. One thread owns a place at a time, so reading it causes
/// no race.
template <class Item, bool kReset>
class MichaelScott {
 public:
  explicit MichaelScott(std::size_t capacity)
      : nodes_(std::make_unique<Node[]>(2 * capacity + 1)),
        items_(std::make_unique<Item[]>(2 * capacity + 1)),
        free_nodes_(nodes_.get()),
        free_places_(nodes_.get()) {
    // Nodes 0 .. capacity are links of the queue, starting with 0; the others represent the places of items.
    for (std::size_t i = 1; i <= capacity; ++i) {
      free_nodes_.put(static_cast<Index>(i));
      free_places_.put(static_cast<Index>(capacity + i));
    }
  }

  bool try_push(Item item) {
    const Index place = free_places_.take();
    if (place == kNone) return false;
    const Index node = free_nodes_.take();
    if (node == kNone) {
      free_places_.put(place);
      return false;
    }
    items_[place] = item;
    nodes_[node].place = place;
    nodes_[node].next = Link{kNone, kReset ? 0 : nodes_[node].next.load().tag + 1};
    for (;;) {
      Link tail = tail_;
      Link next = nodes_[tail.node].next;
      if (tail != tail_.load()) continue;
      if (next.node != kNone) {
        tail_.compare_exchange_strong(tail, {next.node, tail.tag + 1});
      } else if (nodes_[tail.node].next.compare_exchange_strong(next, {node, next.tag + 1})) {
        tail_.compare_exchange_strong(tail, {node, tail.tag + 1});
        return true;
      }
    }
  }

  bool try_pop(Item& item) {
    for (;;) {
      Link head = head_;
      Link tail = tail_;
      const Link next = nodes_[head.node].next;
      if (head != head_.load()) continue;
      if (next.node == kNone) return false;
      if (head.node == tail.node) {
        tail_.compare_exchange_strong(tail, {next.node, tail.tag + 1});
        continue;
      }
      const Index place = nodes_[next.node].place;
      if (!head_.compare_exchange_strong(head, {next.node, head.tag + 1})) continue;
      item = items_[place];
      free_places_.put(place);
      free_nodes_.put(head.node);
      return true;
    }
  }

 private:
  std::unique_ptr<Node[]> nodes_;
  std::unique_ptr<Item[]> items_;
  FreeNodes<kReset> free_nodes_;
  FreeNodes<false> free_places_;
  alignas(racetrack::kApart) std::atomic<Link> head_{Link{0, 0}};
  alignas(racetrack::kApart) std::atomic<Link> tail_{Link{0, 0}};
};

template <class Item>
using Reset = MichaelScott<Item, true>;
template <class Item>
using Kept = MichaelScott<Item, false>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  const queue::Traits traits{.library = "racetrack", .progress = queue::lock_free, .full = queue::may_fail_spuriously};
  // Rare on real threads: one thread must stop between two instructions while the others do several operations.
  const racetrack::Expectation expectation{{.detector = "oracle.*", .kind = "*", .grade = racetrack::Grade::may},
                                           {.detector = "explore*", .kind = "*", .grade = racetrack::Grade::must},
                                           {.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may},
                                           {.detector = "watchdog", .kind = "*", .grade = racetrack::Grade::may}};
  add_control<Reset>(registry, "michael_scott_tag_reset", traits, expectation, {.capacity = "2"});
  add_control<Kept>(registry, "michael_scott_tag_kept", traits, {}, {.capacity = "2"});
}
