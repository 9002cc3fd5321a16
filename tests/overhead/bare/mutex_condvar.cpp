#include "scenarios/queue/mutex_condvar.hpp"
#include "bare.hpp"

template <class Item>
struct Queue {
  explicit Queue(std::size_t capacity) : native(capacity) {}
  bool push(const Item& item) { return native.try_push(item); }
  bool pop(Item& item) { return native.try_pop(item); }
  void put(const Item& item) { native.push(item); }
  void take(Item& item) { item = native.pop(); }
  MutexCondvarQueue<Item, std::mutex, std::condition_variable> native;
};

int main(int argc, char** argv) { return bare::main<Queue>(argc, argv); }
