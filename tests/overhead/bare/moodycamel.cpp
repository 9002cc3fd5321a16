#include <concurrentqueue/concurrentqueue.h>

#include "bare.hpp"

template <class Item>
struct Queue {
  explicit Queue(std::size_t /*unbounded*/) {}
  bool push(const Item& item) { return native.enqueue(item); }
  bool pop(Item& item) { return native.try_dequeue(item); }
  moodycamel::ConcurrentQueue<Item> native;
};

int main(int argc, char** argv) { return bare::main<Queue>(argc, argv); }
