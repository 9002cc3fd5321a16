// The lecture's queue: one mutex, two condition variables.
#include <condition_variable>
#include <deque>
#include <mutex>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

template <class Item>
class MutexCondvarQueue {
 public:
  explicit MutexCondvarQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Blocks while full.
  void push(Item item) {
    {
      std::unique_lock lock(mutex_);
      not_full_.wait(lock, [this] { return items_.size() < capacity_; });
      items_.push_back(item);
    }
    not_empty_.notify_one();
  }

  /// Blocks while empty.
  Item pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return !items_.empty(); });
    Item item = items_.front();
    items_.pop_front();
    lock.unlock();
    not_full_.notify_one();
    return item;
  }

  bool try_push(Item item) {
    {
      std::lock_guard lock(mutex_);
      if (items_.size() >= capacity_) return false;
      items_.push_back(item);
    }
    not_empty_.notify_one();
    return true;
  }

  bool try_pop(Item& item) {
    {
      std::lock_guard lock(mutex_);
      if (items_.empty()) return false;
      item = items_.front();
      items_.pop_front();
    }
    not_full_.notify_one();
    return true;
  }

 private:
  std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable not_empty_, not_full_;
  std::deque<Item> items_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::queue::Family, MutexCondvarQueue>("mutex_condvar", {.library = "libstdc++"});
}
