// boost::lockfree::queue with bounded_push, which takes nodes from the queue's own free list and never allocates.
//
// Algorithm: Michael and Scott's linked queue (PODC 1996). Nodes are recycled through a Treiber stack; pointers carry
// 16-bit tags against ABA. Source: Tim Blechmann, Boost.Lockfree. Order: first in, first out.
// Progress: lock-free.
// Capacity: exactly as requested: queue(n) makes n nodes and the dummy. fixed_sized<true> would address nodes by 16-bit
// index and end at 65,534; the pointer-based form used here does not.
// Caveats:
// - A push may report full while nodes are in transit: unlinked by a pop but not yet on the free list, or taken by
//   another push but not yet linked.
// - pop copies the payload before it knows that the node is still its own, and a push may write the node at that time.
//   The copy is discarded, yet it is a data race by the standard (Boost.Lockfree issue 78), and TSan may report it.
// - A push that reuses a node writes its `next` while a slow thread may read it (issue 59).
#pragma once

#include <cstddef>

#include <boost/lockfree/queue.hpp>

template <class Item>
class BoostLockfreeQueue {
 public:
  explicit BoostLockfreeQueue(std::size_t capacity) : queue_(capacity) {}

  bool try_push(const Item& item) { return queue_.bounded_push(item); }
  bool try_pop(Item& item) { return queue_.pop(item); }

 private:
  boost::lockfree::queue<Item> queue_;
};
