// Apache Pulsar's C++ BlockingQueue before #8765: pop notifies a waiting producer only if the queue was full, push a
// waiting consumer only if it was empty. Two consecutive pops from a full queue make space for two producers and wake
// one. The other sleeps until the queue happens to be full again, possibly without end.
//
// Corrected as in #8765: the same condition, but all waiters are notified.
#include <condition_variable>

#include "control.hpp"

namespace {

template <class Item, bool kAll>
class NotifyIfWasFull {
 public:
  explicit NotifyIfWasFull(std::size_t capacity) : capacity_(capacity) {}

  void push(Item item) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [this] { return items_.size() < capacity_; });
    const bool was_empty = items_.empty();
    items_.push_back(item);
    lock.unlock();
    if (was_empty) notify(not_empty_);
  }
  Item pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return !items_.empty(); });
    const bool was_full = items_.size() == capacity_;
    const Item item = items_.front();
    items_.pop_front();
    lock.unlock();
    if (was_full) notify(not_full_);
    return item;
  }

 private:
  static void notify(std::condition_variable& condition) {
    if constexpr (kAll) {
      condition.notify_all();
    } else {
      condition.notify_one();
    }
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable not_full_, not_empty_;
  std::deque<Item> items_;
};

template <class Item>
using Faulty = NotifyIfWasFull<Item, false>;
template <class Item>
using Corrected = NotifyIfWasFull<Item, true>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_control<Faulty>(registry, "condvar_notify_if_was_full", {.library = "racetrack"}, racetrack::expect_lost_wakeup(),
                      {.capacity = "2"});
  add_control<Corrected>(registry, "condvar_notify_if_was_full_mended", {.library = "racetrack"}, {},
                         {.capacity = "2"});
}
