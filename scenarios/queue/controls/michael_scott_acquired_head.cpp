// Michael and Scott's queue (Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms, PODC
// 1996) with an acquire-only compare-exchange of head (libcds #186). The popping thread has acquired the pushing
// thread's writes, but does not release them to the next popping thread. That thread finds a node whose initialisation
// it has not synchronised with: it may still see the node's link uninitialised.
//
// Corrected: that compare-exchange also releases.
#include <atomic>

#include "control.hpp"

namespace {

/// Nodes are freed only in the destructor: no reclamation, and no node is reused while a thread reads it.
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
      Node* tail = tail_.load(std::memory_order_acquire);  // pairs with the releases of tail_: publishes its node
      Node* next = tail->next.load(std::memory_order_acquire);
      if (next != nullptr) {
        help(tail, next);
        continue;
      }
      // release: publishes the item and the link of the new node to the acquires of next.
      if (tail->next.compare_exchange_weak(next, node, std::memory_order_release, std::memory_order_relaxed)) {
        help(tail, node);
        return true;
      }
    }
  }
  bool try_pop(Item& item) {
    for (;;) {
      Node* head = head_.load(std::memory_order_acquire);  // pairs with kPassOn below
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

  /// release: publishes this thread's knowledge of `next` to the acquires of tail_.
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
using Corrected = MichaelScott<Item, std::memory_order_acq_rel>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  const queue::Traits traits{.library = "racetrack", .bounded = false, .progress = queue::lock_free};
  // Fresh pages of memory read as zeros, so on real threads no oracle detects the fault.
  const racetrack::Expectation expectation{{.detector = "explore*", .kind = "race", .grade = racetrack::Grade::must},
                                           {.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may},
                                           {.detector = "explorer.weak", .kind = "*", .grade = racetrack::Grade::may}};
  const ControlCase where{.producers = "1", .consumers = "2"};
  add_control<Faulty>(registry, "michael_scott_acquired_head", traits, expectation, where);
  add_control<Corrected>(registry, "michael_scott_acquired_head_mended", traits, {}, where);
}
