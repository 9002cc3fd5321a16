// The header-only parts of oneTBB's containers, as installed.
#include <tbb/concurrent_hash_map.h>
#include <tbb/concurrent_priority_queue.h>
#include <tbb/concurrent_queue.h>
#include <tbb/concurrent_unordered_map.h>
#include <tbb/concurrent_vector.h>

#include "transfer.hpp"

namespace {

class Queue {
 public:
  bool push(int item) {
    queue_.push(item);
    return true;
  }
  bool pop(int& item) { return queue_.try_pop(item); }

 private:
  tbb::concurrent_queue<int> queue_;
};

class Bounded {
 public:
  explicit Bounded(int capacity) { queue_.set_capacity(capacity); }
  bool push(int item) { return queue_.try_push(item); }
  bool pop(int& item) { return queue_.try_pop(item); }

 private:
  tbb::concurrent_bounded_queue<int> queue_;
};

class Priority {
 public:
  bool push(int item) {
    queue_.push(item);
    return true;
  }
  bool pop(int& item) { return queue_.try_pop(item); }

 private:
  tbb::concurrent_priority_queue<int> queue_;
};

/// Runs `both` in two new threads and `other` in the calling thread.
template <class Both, class Other>
void in_three_threads(Both both, Other other) {
  std::thread one(both), two(both);
  other();
  one.join();
  two.join();
}

}  // namespace

RACETRACK_EXPLORE(queue_2_producers) {
  Queue queue;
  transfer(queue, {2, 1, 3});
}
RACETRACK_EXPLORE(queue_2_consumers) {
  Queue queue;
  transfer(queue, {1, 2, 4});
}
RACETRACK_EXPLORE(queue_attempts) {
  Queue queue;
  attempts(queue, {2, 2, 2});
}
RACETRACK_EXPLORE(bounded_queue_of_1) {
  Bounded queue(1);
  transfer(queue, {2, 1, 2});
}
RACETRACK_EXPLORE(priority_queue) {
  Priority queue;
  transfer(queue, {2, 1, 2, false});
}
RACETRACK_EXPLORE(vector_grows) {
  tbb::concurrent_vector<int> numbers;
  in_three_threads([&] { numbers.push_back(1); }, [&] { numbers.grow_by(3, 2); });
  int sum = 0;
  for (const int number : numbers) sum += number;
  racetrack::check(numbers.size() == 5 && sum == 8, "all numbers are there");
}
RACETRACK_EXPLORE(hash_map_counts) {
  tbb::concurrent_hash_map<int, int> counts;
  const auto count = [&](int key) {
    tbb::concurrent_hash_map<int, int>::accessor place;
    counts.insert(place, key);
    ++place->second;
  };
  in_three_threads([&] { count(1); },
                   [&] {
                     count(1);
                     counts.erase(2);
                   });
  tbb::concurrent_hash_map<int, int>::const_accessor place;
  racetrack::check(counts.find(place, 1) && place->second == 3, "every count is kept");
}
RACETRACK_EXPLORE(unordered_map_inserts) {
  tbb::concurrent_unordered_map<int, int> map;
  in_three_threads([&] { map.emplace(1, 1); },
                   [&] {
                     map.emplace(1, 2);
                     map.emplace(9, 3);
                   });
  racetrack::check(map.size() == 2 && map.count(1) == 1, "a key once");
}
