// A queue for batches of items that wakes one consumer, whatever the size of the batch.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <initializer_list>
#include <mutex>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

namespace {
template <bool kWakesAll>
class Mailbox {
 public:
  void put(std::initializer_list<int> batch) {
    {
      const std::lock_guard lock(mutex_);
      items_.insert(items_.end(), batch);
    }
    if constexpr (kWakesAll) {
      filled_.notify_all();
    } else {
      filled_.notify_one();
    }
  }
  int get() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !items_.empty(); });
    const int item = items_.front();
    items_.pop_front();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<int> items_;
};

template <bool kWakesAll>
void run() {
  Mailbox<kWakesAll> mailbox;
  int got[2] = {};
  std::thread one([&] { got[0] = mailbox.get(); });
  std::thread two([&] { got[1] = mailbox.get(); });
  mailbox.put({1, 2});
  one.join();
  two.join();
  racetrack::check(got[0] + got[1] == 3, "both items are got");
}
}  // namespace
RACETRACK_EXPLORE(batch_wakes_one) { run<false>(); }
RACETRACK_EXPLORE(batch_wakes_all) { run<true>(); }
