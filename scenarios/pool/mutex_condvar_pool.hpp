// The lecture's ThreadPoolExecutor: one queue of tasks, one mutex, one condition variable for the workers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

/// Algorithm: as Python's concurrent.futures: workers wait for a queue. Order: first in, first out. Progress: blocking.
class MutexCondvarPool {
 public:
  explicit MutexCondvarPool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  MutexCondvarPool(const MutexCondvarPool&) = delete;
  MutexCondvarPool& operator=(const MutexCondvarPool&) = delete;
  ~MutexCondvarPool() { drain(); }

  /// Throws std::runtime_error after drain or cancel.
  template <class Function>
  auto submit(Function function) {
    std::packaged_task<std::invoke_result_t<Function&>()> task(std::move(function));
    auto future = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      if (closed_) throw std::runtime_error("the pool has been shut down");
      tasks_.emplace_back(std::move(task));
    }
    task_or_end_.notify_one();
    return future;
  }

  void wait_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return tasks_.empty() && running_ == 0; });
  }

  void drain() { shut_down(false); }
  void cancel() { shut_down(true); }

 private:
  using Task = std::packaged_task<void()>;

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      task_or_end_.wait(lock, [this] { return !tasks_.empty() || closed_; });
      if (tasks_.empty()) return;
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      ++running_;
      lock.unlock();
      task();
      lock.lock();
      if (--running_ == 0 && tasks_.empty()) idle_.notify_all();
    }
  }

  void shut_down(bool drop) {
    std::deque<Task> dropped;  // destroyed outside the mutex, which breaks their promises
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      if (drop) dropped.swap(tasks_);
    }
    task_or_end_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::mutex mutex_;
  std::condition_variable task_or_end_, idle_;
  std::deque<Task> tasks_;
  std::size_t running_ = 0;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};
