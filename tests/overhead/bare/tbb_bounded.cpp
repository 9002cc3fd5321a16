#include <tbb/concurrent_queue.h>

#include "bare.hpp"

template <class Item>
struct Queue {
  explicit Queue(std::size_t capacity) { native.set_capacity(static_cast<std::ptrdiff_t>(capacity)); }
  bool push(const Item& item) { return native.try_push(item); }
  bool pop(Item& item) { return native.try_pop(item); }
  void put(const Item& item) { native.push(item); }
  void take(Item& item) { native.pop(item); }
  tbb::concurrent_bounded_queue<Item> native;
};

int main(int argc, char** argv) { return bare::main<Queue>(argc, argv); }
