// The completed tasks in their order of completion: the core of concurrent.futures.as_completed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

namespace racetrack::pool {

/// A queue of task numbers: any number of tasks put, one thread takes. It synchronises these threads, in the same way
/// for every pool.
class CompletionQueue {
 public:
  explicit CompletionQueue(std::uint64_t tasks) { ended_.reserve(tasks); }

  /// Appends a task that ends.
  void put(std::uint64_t task) {
    {
      const std::lock_guard lock(mutex_);
      ended_.push_back(task);
    }
    changed_.notify_one();
  }
  /// Blocks until a task has ended and returns its number.
  std::uint64_t take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return taken_ < ended_.size(); });
    return ended_[taken_++];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> ended_;
  std::size_t taken_ = 0;
};

}  // namespace racetrack::pool
