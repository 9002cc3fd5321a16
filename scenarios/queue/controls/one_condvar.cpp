// Cargill's queue (Tom Cargill's question to the authors of monitors in Java; Lea, Concurrent Programming in Java,
// 3.7.2): producers and consumers wait on one condition variable, and notify_one wakes one of them. A producer's signal
// may wake another producer, which finds the queue still full and sleeps again. The consumer that needed the signal is
// never woken. Needs more threads than places.
//
// Corrected: notify_all.
#include <condition_variable>

#include "control.hpp"

namespace {

template <class Item, bool kAll>
class OneCondvar {
 public:
  explicit OneCondvar(std::size_t capacity) : capacity_(capacity) {}

  void push(Item item) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return items_.size() < capacity_; });
    items_.push_back(item);
    lock.unlock();
    notify();
  }
  Item pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !items_.empty(); });
    const Item item = items_.front();
    items_.pop_front();
    lock.unlock();
    notify();
    return item;
  }

 private:
  void notify() {
    if constexpr (kAll) {
      changed_.notify_all();
    } else {
      changed_.notify_one();
    }
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
};

template <class Item>
using Faulty = OneCondvar<Item, false>;
template <class Item>
using Corrected = OneCondvar<Item, true>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_control<Faulty>(registry, "one_condvar_notify_one", {.library = "racetrack"}, racetrack::expect_lost_wakeup(),
                      {.capacity = "1"});
  add_control<Corrected>(registry, "one_condvar_notify_all", {.library = "racetrack"}, {}, {.capacity = "1"});
}
