// moodycamel::ConcurrentQueue and related queues as installed, with blocks so small that a short test reuses them.
#include <cstddef>

#include <blockingconcurrentqueue.h>
#include <concurrentqueue.h>
#include <readerwriterqueue/readerwriterqueue.h>

#include "transfer.hpp"

namespace {

template <std::size_t kBlock>
struct Blocks : moodycamel::ConcurrentQueueDefaultTraits {
  // NOLINTBEGIN(readability-identifier-naming): the library's names
  static constexpr std::size_t BLOCK_SIZE = kBlock;
  static constexpr std::size_t INITIAL_IMPLICIT_PRODUCER_HASH_SIZE = 2;
  static constexpr std::size_t IMPLICIT_INITIAL_INDEX_SIZE = 2;
  static constexpr std::size_t EXPLICIT_INITIAL_INDEX_SIZE = 2;
  // NOLINTEND(readability-identifier-naming)
};

template <std::size_t kBlock>
class Implicit {
 public:
  bool push(int item) { return queue_.enqueue(item); }
  bool pop(int& item) { return queue_.try_dequeue(item); }

 private:
  moodycamel::ConcurrentQueue<int, Blocks<kBlock>> queue_{kBlock};
};

class Bulk {
 public:
  bool push(int item) { return queue_.enqueue_bulk(&item, 1); }
  bool pop(int& item) { return queue_.try_dequeue_bulk(&item, 1) == 1; }

 private:
  moodycamel::ConcurrentQueue<int, Blocks<2>> queue_{2};
};

class Blocking {
 public:
  bool push(int item) { return queue_.enqueue(item); }
  bool pop(int& item) {
    queue_.wait_dequeue(item);
    return true;
  }

 private:
  moodycamel::BlockingConcurrentQueue<int, Blocks<2>> queue_{2};
};

class OneToOne {
 public:
  bool push(int item) { return queue_.enqueue(item); }
  bool pop(int& item) { return queue_.try_dequeue(item); }

 private:
  moodycamel::ReaderWriterQueue<int, 2> queue_{1};
};

template <class Queue>
void run(const Shape& shape) {
  Queue queue;
  transfer(queue, shape);
}

}  // namespace

RACETRACK_EXPLORE(blocks_of_2_2_threads) { run<Implicit<2>>({1, 1, 8}); }
RACETRACK_EXPLORE(blocks_of_2_2_producers) { run<Implicit<2>>({2, 1, 4}); }
RACETRACK_EXPLORE(blocks_of_2_2_consumers) { run<Implicit<2>>({1, 2, 8}); }
RACETRACK_EXPLORE(blocks_of_2_2_consumers_16_items) { run<Implicit<2>>({1, 2, 16}); }
RACETRACK_EXPLORE(blocks_of_4_2_consumers) { run<Implicit<4>>({1, 2, 16}); }
RACETRACK_EXPLORE(blocks_of_32_2_consumers) { run<Implicit<32>>({1, 2, 16}); }
RACETRACK_EXPLORE(in_bulk_2_consumers) { run<Bulk>({1, 2, 16}); }
RACETRACK_EXPLORE(blocking_2_consumers) { run<Blocking>({1, 2, 4}); }
RACETRACK_EXPLORE(one_to_one) { run<OneToOne>({1, 1, 6}); }
RACETRACK_EXPLORE(attempts_2_producers) {
  Implicit<2> queue;
  attempts(queue, {2, 1, 3});
}
