// libcds as installed. The hazard pointers of its list-based containers are in libcds.so, which is not instrumented, so
// the explorer misses the order that they establish. The ring needs no hazard pointers.
#include <cds/container/msqueue.h>
#include <cds/container/rwqueue.h>
#include <cds/container/treiber_stack.h>
#include <cds/container/vyukov_mpmc_cycle_queue.h>
#include <cds/gc/hp.h>
#include <cds/init.h>

#include "transfer.hpp"

namespace {

class Ring {
 public:
  bool push(int item) { return queue_.enqueue(item); }
  bool pop(int& item) { return queue_.dequeue(item); }

 private:
  cds::container::VyukovMPMCCycleQueue<int> queue_{2};
};

class TwoLocks {
 public:
  bool push(int item) { return queue_.enqueue(item); }
  bool pop(int& item) { return queue_.dequeue(item); }

 private:
  cds::container::RWQueue<int> queue_;
};

/// Attaches this thread to the library.
class Attached {
 public:
  Attached() { cds::threading::Manager::attachThread(); }
  ~Attached() { cds::threading::Manager::detachThread(); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
};
struct Library {
  Library() { cds::Initialize(); }
  ~Library() { cds::Terminate(); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

/// Two threads push and pop once each. Then the remaining items are popped.
template <class Container>
void push_and_pop() {
  const Library library;
  const cds::gc::HP hazard_pointers(8, 4, 16);
  const Attached here;
  Container container;
  std::atomic<int> sum = 0;
  const auto work = [&](int item) {
    const Attached there;
    container.push(item);
    int got = 0;
    if (container.pop(got)) sum += got;
  };
  std::thread one(work, 1), two(work, 2);
  one.join();
  two.join();
  int got = 0;
  while (container.pop(got)) sum += got;
  racetrack::check(sum == 3, "each item arrives once");
}

}  // namespace

RACETRACK_EXPLORE(ring_of_2_3_threads) {
  Ring queue;
  transfer(queue, {2, 1, 3});
}
RACETRACK_EXPLORE(ring_of_2_4_threads) {
  Ring queue;
  transfer(queue, {2, 2, 2});
}
RACETRACK_EXPLORE(queue_of_two_locks) {
  TwoLocks queue;
  transfer(queue, {2, 1, 2});
}
RACETRACK_EXPLORE(michael_scott_queue) { push_and_pop<cds::container::MSQueue<cds::gc::HP, int>>(); }
RACETRACK_EXPLORE(treiber_stack) { push_and_pop<cds::container::TreiberStack<cds::gc::HP, int>>(); }
