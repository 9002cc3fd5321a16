// Boost.Lockfree as installed, with so few nodes that each is reused at once.
#include <cstddef>

#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>
#include <boost/lockfree/stack.hpp>

#include "transfer.hpp"

namespace {

namespace lockfree = boost::lockfree;

template <class Native>
class Adapter {
 public:
  template <class... Arguments>
  explicit Adapter(Arguments... arguments) : native_(arguments...) {}
  bool push(int item) { return native_.push(item); }
  bool pop(int& item) { return native_.pop(item); }

 private:
  Native native_;
};

template <class Native, class... Arguments>
void run(const Shape& shape, Arguments... arguments) {
  Adapter<Native> container(arguments...);
  transfer(container, shape);
}

template <std::size_t kCapacity>
using FixedQueue = lockfree::queue<int, lockfree::capacity<kCapacity>>;
template <std::size_t kCapacity>
using FixedStack = lockfree::stack<int, lockfree::capacity<kCapacity>>;

}  // namespace

RACETRACK_EXPLORE(queue_of_1_2_threads) { run<FixedQueue<1>>({1, 1, 3}); }
RACETRACK_EXPLORE(queue_of_1_3_threads) { run<FixedQueue<1>>({2, 1, 2}); }
RACETRACK_EXPLORE(queue_of_2_4_threads) { run<FixedQueue<2>>({2, 2, 2}); }
RACETRACK_EXPLORE(queue_that_allocates_3_threads) { run<lockfree::queue<int>>({2, 1, 2}, std::size_t{1}); }
RACETRACK_EXPLORE(queue_attempts_3_threads) {
  Adapter<FixedQueue<2>> queue;
  attempts(queue, {2, 1, 2});
}
RACETRACK_EXPLORE(stack_of_1_2_threads) { run<FixedStack<1>>({1, 1, 3, false}); }
RACETRACK_EXPLORE(stack_of_2_3_threads) { run<FixedStack<2>>({1, 2, 4, false}); }
RACETRACK_EXPLORE(stack_that_allocates_3_threads) { run<lockfree::stack<int>>({2, 1, 2, false}, std::size_t{1}); }
RACETRACK_EXPLORE(spsc_of_1) { run<lockfree::spsc_queue<int, lockfree::capacity<1>>>({1, 1, 4}); }
RACETRACK_EXPLORE(spsc_of_3) { run<lockfree::spsc_queue<int>>({1, 1, 6}, std::size_t{3}); }
