#include <boost/lockfree/spsc_queue.hpp>

#include "bare.hpp"

template <class Item>
struct Queue : boost::lockfree::spsc_queue<Item> {
  using boost::lockfree::spsc_queue<Item>::spsc_queue;
};

int main(int argc, char** argv) { return bare::main<Queue>(argc, argv); }
