// Michael and Scott's queue (Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms, PODC 1996) with the
// compare-exchange of head acquire-only (libcds #186): it does not pass on what the popping thread has acquired from the pushing one.
// Who pops next finds a node that it knows nothing of: that node's link may not have been initialised yet as far as it can see.
//
// Mended: that compare-exchange releases as well.
#include <atomic>

#include "control.hpp"

namespace {

/// Nodes are given back at the end alone: no reclamation, and no node comes back while somebody looks at it.
template <class Item, std::memory_order kPassOn>
class MichaelScott {
 public:
  explicit MichaelScott(std::size_t /*capacity*/) {}
  MichaelScott(const MichaelScott&) = delete;
  MichaelScott& operator=(const MichaelScott&) = delete;
  ~MichaelScott() {
    for (Node* node = first_; node != nullptr;) delete std::exchange(node, node->next.load(std::memory_order_relaxed));
  }

  bool try_push(Item item) {
    Node* const node = new Node;
    node->item = item;
    for (;;) {
      Node* tail = tail_.load(std::memory_order_acquire);  // with the releases of tail_: the node that it points to
      Node* next = tail->next.load(std::memory_order_acquire);
      if (next != nullptr) {
        help(tail, next);
        continue;
      }
      // release: the item and the link of the new node, to the acquires of next.
      if (tail->next.compare_exchange_weak(next, node, std::memory_order_release, std::memory_order_relaxed)) {
        help(tail, node);
        return true;
      }
    }
  }
  bool try_pop(Item& item) {
    for (;;) {
      Node* head = head_.load(std::memory_order_acquire);  // with kPassOn below
      Node* const next = head->next.load(std::memory_order_acquire);
      if (next == nullptr) return false;
      if (Node* tail = tail_.load(std::memory_order_acquire); tail == head) {
        help(tail, next);
        continue;
      }
      if (head_.compare_exchange_strong(head, next, kPassOn, std::memory_order_relaxed)) {
        item = next->item;
        return true;
      }
    }
  }

 private:
  struct Node {
    std::atomic<Node*> next{nullptr};
    Item item{};
  };

  /// release: what this thread knows of `next`, to the acquires of tail_.
  void help(Node* tail, Node* next) {
    tail_.compare_exchange_strong(tail, next, std::memory_order_release, std::memory_order_relaxed);
  }

  Node* const first_ = new Node;
  alignas(racetrack::kApart) std::atomic<Node*> head_{first_};
  alignas(racetrack::kApart) std::atomic<Node*> tail_{first_};
};

template <class Item>
using Faulty = MichaelScott<Item, std::memory_order_acquire>;
template <class Item>
using Mended = MichaelScott<Item, std::memory_order_acq_rel>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  const queue::Traits traits{.library = "racetrack", .bounded = false, .progress = queue::lock_free};
  // Pages of memory that nobody else has are read as they were cleared; on real threads no oracle sees anything.
  const racetrack::Expectation expectation{{.detector = "explore*", .kind = "race", .grade = racetrack::Grade::must},
                                           {.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may},
                                           {.detector = "explorer.weak", .kind = "*", .grade = racetrack::Grade::may}};
  const ControlCase where{.producers = "1", .consumers = "2"};
  add_control<Faulty>(registry, "michael_scott_acquired_head", traits, expectation, where);
  add_control<Mended>(registry, "michael_scott_acquired_head_mended", traits, {}, where);
}
