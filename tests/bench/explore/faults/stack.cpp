// Treiber's stack that frees a popped node while another thread still reads it, and one that counts the threads inside
// before it frees (Williams, C++ Concurrency in Action, 7.2.2). As printed there, the list of nodes to free uses the
// link that other threads still read.
#include <atomic>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
struct Node {
  int value;
  Node* next;
  Node* next_to_free = nullptr;
};
class FreeingStack {
 public:
  ~FreeingStack() {
    int value = 0;
    while (pop(value)) {
    }
  }
  void push(int value) {
    Node* node = new Node{value, head_.load()};
    while (!head_.compare_exchange_weak(node->next, node)) {
    }
  }
  bool pop(int& value) {
    Node* node = head_.load();
    while (node != nullptr && !head_.compare_exchange_weak(node, node->next)) {
    }
    if (node == nullptr) {
      return false;
    }
    value = node->value;
    delete node;
    return true;
  }

 private:
  std::atomic<Node*> head_ = nullptr;
};
template <Node* Node::*kLinkOfTheDead>
class CountingStack {
 public:
  ~CountingStack() {
    int value = 0;
    while (pop(value)) {
    }
  }
  void push(int value) {
    Node* node = new Node{value, head_.load()};
    while (!head_.compare_exchange_weak(node->next, node)) {
    }
  }
  bool pop(int& value) {
    ++inside_;
    Node* node = head_.load();
    while (node != nullptr && !head_.compare_exchange_strong(node, node->next)) {
    }
    if (node != nullptr) {
      value = node->value;
    }
    reclaim(node);
    return node != nullptr;
  }

 private:
  static void free_all(Node* nodes) {
    while (nodes != nullptr) {
      Node* next = nodes->*kLinkOfTheDead;
      delete nodes;
      nodes = next;
    }
  }
  void reclaim(Node* node) {
    if (inside_ == 1) {
      Node* pending = to_free_.exchange(nullptr);
      if (--inside_ == 0) {
        free_all(pending);
      } else if (pending != nullptr) {
        Node* last = pending;
        while (last->*kLinkOfTheDead != nullptr) {
          last = last->*kLinkOfTheDead;
        }
        chain(pending, last);
      }
      delete node;
    } else {
      if (node != nullptr) {
        chain(node, node);
      }
      --inside_;
    }
  }
  void chain(Node* first, Node* last) {
    last->*kLinkOfTheDead = to_free_;
    while (!to_free_.compare_exchange_weak(last->*kLinkOfTheDead, first)) {
    }
  }
  std::atomic<Node*> head_ = nullptr;
  std::atomic<Node*> to_free_ = nullptr;
  std::atomic<unsigned> inside_ = 0;
};
template <class Stack>
void run() {
  Stack stack;
  stack.push(1);
  stack.push(2);
  std::atomic<int> sum = 0;
  const auto worker = [&] {
    int value = 0;
    if (stack.pop(value)) {
      sum += value;
    }
    stack.push(10);
  };
  std::thread one(worker);
  std::thread two(worker);
  one.join();
  two.join();
  racetrack::check(sum % 10 <= 3 && sum > 0, "what was there");
}
}  // namespace
RACETRACK_EXPLORE(stack_frees_at_once) { run<FreeingStack>(); }
RACETRACK_EXPLORE(stack_links_the_dead_by_the_link_of_the_living) { run<CountingStack<&Node::next>>(); }
RACETRACK_EXPLORE(stack_counts_who_is_inside) { run<CountingStack<&Node::next_to_free>>(); }
