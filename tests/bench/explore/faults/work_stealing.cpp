// Work stealing with a lock for thieves: the owner takes without the lock, and must check again when one item is left
// (the THE protocol of Cilk-5; Frigo, Leiserson, Randall, PLDI 1998).
#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
template <bool kLooksAgain>
class Deque {
 public:
  void push(int item) {
    const int tail = tail_.load();
    items_[static_cast<std::size_t>(tail)].store(item);
    tail_.store(tail + 1);
  }
  bool take(int& item) {
    const int tail = tail_.load() - 1;
    if constexpr (kLooksAgain) {
      tail_.store(tail);
      if (head_.load() > tail) {
        tail_.store(tail + 1);
        const std::lock_guard lock(mutex_);
        if (head_.load() > tail) {
          return false;
        }
        tail_.store(tail);
      }
    } else {
      if (head_.load() > tail) {
        return false;
      }
      tail_.store(tail);
    }
    item = items_[static_cast<std::size_t>(tail)].load();
    return true;
  }
  bool steal(int& item) {
    const std::lock_guard lock(mutex_);
    const int head = head_.load();
    head_.store(head + 1);
    if (head + 1 > tail_.load()) {
      head_.store(head);
      return false;
    }
    item = items_[static_cast<std::size_t>(head)].load();
    return true;
  }

 private:
  std::array<std::atomic<int>, 8> items_{};
  std::atomic<int> head_ = 0;
  std::atomic<int> tail_ = 0;
  std::mutex mutex_;
};
template <bool kLooksAgain>
void run() {
  Deque<kLooksAgain> deque;
  std::array<std::atomic<int>, 3> taken{};
  std::thread thief([&] {
    int item = 0;
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (deque.steal(item)) {
        ++taken[static_cast<std::size_t>(item)];
      }
    }
  });
  deque.push(0);
  deque.push(1);
  deque.push(2);
  int item = 0;
  while (deque.take(item)) {
    ++taken[static_cast<std::size_t>(item)];
  }
  thief.join();
  for (const auto& times : taken) {
    racetrack::check(times == 1, "each task is taken once");
  }
}
}  // namespace
RACETRACK_EXPLORE(last_item_taken_twice) { run<false>(); }
RACETRACK_EXPLORE(last_item_checked_again) { run<true>(); }
