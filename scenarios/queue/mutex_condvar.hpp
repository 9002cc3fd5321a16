// The lecture's queue: one mutex, two condition variables.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>

/// Algorithm: Hoare's bounded buffer (Monitors, CACM 1974) in Mesa style: a woken thread checks its condition again.
/// Order: first in, first out; every operation holds the mutex. Progress: blocking.
/// Capacity: exactly as requested.
/// try_push and try_pop wait only for the mutex, never for space or items. When they return false, it is exact.
template <class Item, class Mutex, class Condvar>
class MutexCondvarQueue {
 public:
  explicit MutexCondvarQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Blocks while full.
  void push(const Item& item) {
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

  bool try_push(const Item& item) {
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
  Mutex mutex_;
  Condvar not_empty_, not_full_;
  std::deque<Item> items_;
};
