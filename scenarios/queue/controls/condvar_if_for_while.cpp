// A wait on a condition variable under `if` instead of `while`, with notify_all (C++ Core Guidelines CP.42). Two
// consumers wake for one item: the second takes from an empty queue. Spurious wakeups have the same effect.
//
// Corrected: while.
#include <condition_variable>
#include <vector>

#include "control.hpp"

namespace {

template <class Item, bool kChecksAgain>
class CheckedOnce {
 public:
  explicit CheckedOnce(std::size_t capacity) : slots_(capacity) {}

  void push(Item item) {
    std::unique_lock lock(mutex_);
    wait_until(lock, [this] { return count_ < static_cast<long>(slots_.size()); });
    slots_[next_in_] = item;
    next_in_ = (next_in_ + 1) % slots_.size();
    ++count_;
    changed_.notify_all();
  }
  Item pop() {
    std::unique_lock lock(mutex_);
    wait_until(lock, [this] { return count_ > 0; });
    const Item item = slots_[next_out_];
    next_out_ = (next_out_ + 1) % slots_.size();
    --count_;
    changed_.notify_all();
    return item;
  }

 private:
  template <class Condition>
  void wait_until(std::unique_lock<std::mutex>& lock, Condition holds) {
    if constexpr (kChecksAgain) {
      while (!holds()) changed_.wait(lock);
    } else {
      if (!holds()) changed_.wait(lock);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> slots_;
  std::size_t next_in_ = 0, next_out_ = 0;
  long count_ = 0;
};

template <class Item>
using Faulty = CheckedOnce<Item, false>;
template <class Item>
using Corrected = CheckedOnce<Item, true>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  const racetrack::Expectation expectation{
      {.detector = "explore*", .kind = "*", .grade = Grade::must},
      {.detector = "oracle.*", .kind = "*", .grade = Grade::may},
      {.detector = "lock_graph", .kind = "lost_wakeup", .grade = Grade::may},
      {.detector = "watchdog", .kind = "*", .grade = Grade::may},
  };
  add_control<Faulty>(registry, "condvar_if_for_while", {.library = "racetrack"}, expectation, {.capacity = "1"});
  add_control<Corrected>(registry, "condvar_while", {.library = "racetrack"}, {}, {.capacity = "1"});
}
