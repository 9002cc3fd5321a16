// Which tasks have ended, in the order in which they did: what concurrent.futures.as_completed is made of.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

namespace racetrack::pool {

/// Tasks put their numbers in, one thread takes them out. It synchronises those threads; that is its use, and the same for every pool.
class CompletionQueue {
 public:
  explicit CompletionQueue(std::uint64_t tasks) { ended_.reserve(tasks); }

  void put(std::uint64_t task) {
    {
      const std::lock_guard lock(mutex_);
      ended_.push_back(task);
    }
    changed_.notify_one();
  }
  /// Waits for the next one.
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
