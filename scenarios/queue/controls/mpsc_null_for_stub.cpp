// Vyukov's intrusive queue for many producers and one consumer, ported with a null pointer in place of the stub node
// (NVIDIA/stdexec before #1812). After the queue becomes empty, the first producer finds no previous node, and so sets
// front_ itself. The consumer that emptied the queue also sets front_, to null. When the consumer is second, the node
// is lost, and with it all nodes pushed behind it.
//
// Corrected: Vyukov's original (1024cores.net): a stub node remains in the queue, so a producer always finds a previous
// node.
#include <atomic>

#include "control.hpp"

namespace {

template <class Item>
struct Node {
  std::atomic<Node*> next{nullptr};
  Item item{};
};

/// Pushing threads exchange back_; the popping thread follows next. Unbounded; allocates one node per item.
template <class Item>
class NullForStub {
 public:
  explicit NullForStub(std::size_t /*capacity*/) {}
  NullForStub(const NullForStub&) = delete;
  NullForStub& operator=(const NullForStub&) = delete;
  ~NullForStub() {
    for (Node<Item>* node = front_; node != nullptr;) delete std::exchange(node, node->next.load());
  }

  bool try_push(Item item) {
    auto* const node = new Node<Item>;
    node->item = item;
    Node<Item>* const before = back_.exchange(node);
    if (before == nullptr) {
      front_ = node;
    } else {
      before->next = node;
    }
    return true;
  }
  bool try_pop(Item& item) {
    Node<Item>* const front = front_;
    if (front == nullptr) return false;
    Node<Item>* const next = front->next;
    if (next != nullptr) {
      front_ = next;
    } else {
      Node<Item>* expected = front;
      if (!back_.compare_exchange_strong(expected, nullptr))
        return false;  // a push is in progress: its link will follow
      front_ = nullptr;
    }
    item = front->item;
    delete front;
    return true;
  }

 private:
  std::atomic<Node<Item>*> front_{nullptr}, back_{nullptr};
};

template <class Item>
class WithStub {
 public:
  explicit WithStub(std::size_t /*capacity*/) {}
  WithStub(const WithStub&) = delete;
  WithStub& operator=(const WithStub&) = delete;
  ~WithStub() {
    for (Node<Item>* node = front_; node != nullptr;) {
      Node<Item>* const next = node->next;
      if (node != &stub_) delete node;
      node = next;
    }
  }

  bool try_push(Item item) {
    auto* const node = new Node<Item>;
    node->item = item;
    link(node);
    return true;
  }
  bool try_pop(Item& item) {
    Node<Item>* front = front_;
    Node<Item>* next = front->next;
    if (front == &stub_) {
      if (next == nullptr) return false;
      front_ = front = next;
      next = front->next;
    }
    if (next == nullptr) {
      if (back_ != front) return false;  // a push is in progress: its link will follow
      stub_.next = nullptr;
      link(&stub_);
      next = front->next;
      if (next == nullptr) return false;
    }
    front_ = next;
    item = front->item;
    delete front;
    return true;
  }

 private:
  void link(Node<Item>* node) { back_.exchange(node)->next = node; }

  Node<Item> stub_;
  Node<Item>* front_ = &stub_;  ///< only the consumer uses it
  std::atomic<Node<Item>*> back_{&stub_};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  const queue::Traits traits{
      .library = "racetrack", .bounded = false, .consumers = queue::single, .empty = queue::may_fail_spuriously};
  racetrack::Expectation expectation = racetrack::expect_fault("oracle.*", "lost");
  expectation.push_back({.detector = "explore*", .kind = "*", .grade = racetrack::Grade::must});
  expectation.push_back({.detector = "watchdog", .kind = "*", .grade = racetrack::Grade::may});
  add_control<NullForStub>(registry, "mpsc_null_for_stub", traits, expectation);
  add_control<WithStub>(registry, "mpsc_null_for_stub_mended", traits, {});
}
