#include <atomic_queue/atomic_queue.h>

#include "bare.hpp"

template <class Item>
struct Queue {
  explicit Queue(std::size_t capacity) {
    if (capacity != 1024) throw std::invalid_argument("the capacity is 1024");
  }
  bool push(const Item& item) { return native.try_push(item); }
  bool pop(Item& item) { return native.try_pop(item); }
  atomic_queue::AtomicQueue2<Item, 1024> native;
};

int main(int argc, char** argv) { return bare::main<Queue>(argc, argv); }
