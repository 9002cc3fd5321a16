#include "scenarios/queue/lamport.hpp"
#include "bare.hpp"

template <class Item>
struct Queue {
  explicit Queue(std::size_t capacity) : native(capacity) {}
  bool push(const Item& item) { return native.try_push(item); }
  bool pop(Item& item) { return native.try_pop(item); }
  LamportQueue<Item> native;
};

int main(int argc, char** argv) { return bare::main<Queue>(argc, argv); }
