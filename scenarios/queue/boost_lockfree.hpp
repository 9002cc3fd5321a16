// boost::lockfree::queue with bounded_push, which takes nodes from the queue's own free list and never
// allocates.
//
// Algorithm: Michael and Scott's linked queue (PODC 1996), nodes recycled through a Treiber stack, pointers
// tagged with 16 bits against ABA. Source: Tim Blechmann, Boost.Lockfree. Order: first in, first out.
// Progress: lock-free.
// Capacity: exactly what was asked for: queue(n) makes n nodes and the dummy. fixed_sized<true> would address
// nodes by 16-bit index and end at 65,534; the pointer-based form used here does not.
// Caveats: full is said while another thread's pop has unlinked a node and not yet put it on the free list,
// or its push has a node and not yet linked it. pop copies the payload before it knows that the node is still
// its own, and a push may be writing there: the copy is thrown away, yet it is a data race in the language's
// sense (Boost.Lockfree issue 78), and TSan may report it. A node that is taken anew has its `next` written
// while a slow thread reads it (issue 59).
#pragma once

#include <cstddef>

#include <boost/lockfree/queue.hpp>

template <class Item>
class BoostLockfreeQueue {
 public:
  explicit BoostLockfreeQueue(std::size_t capacity) : queue_(capacity) {}

  bool try_push(Item item) { return queue_.bounded_push(item); }
  bool try_pop(Item& item) { return queue_.pop(item); }

 private:
  boost::lockfree::queue<Item> queue_;
};
