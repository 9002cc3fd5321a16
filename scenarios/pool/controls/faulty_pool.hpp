// A pool with one selectable fault, or none. Each fault has been shipped in a real pool.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

enum class Fault : unsigned char {
  none,
  /// The stop flag is atomic, and set without the mutex. A worker that has read the flag as unset and does not sleep
  /// yet misses flag and notification, and its join never returns. BS::thread_pool #93, #100 and #108.
  stop_without_mutex,
  /// The worker that ends the last task notifies one of the threads in wait_idle. The other sleeps on. BS::thread_pool
  /// #110.
  one_waiter_woken,
  /// Tasks in the queue when the pool is drained never run.
  drops_at_shutdown,
  /// A task that waits for a task of the same pool sleeps. When all workers do so, no worker is left to run the awaited
  /// tasks: starvation, without any lock held.
  waits_without_helping,
};

/// Without a fault it behaves like mutex_condvar, except that a waiting task runs queued tasks.
template <Fault kFault>
class FaultyPool {
 public:
  template <class Result>
  class Future {
   public:
    Future(std::future<Result> future, FaultyPool& pool) : future_(std::move(future)), pool_(&pool) {}
    Result get() {
      if (kFault != Fault::waits_without_helping && is_worker) {
        // When the queue is empty, another worker runs the awaited task.
        while (future_.wait_for(std::chrono::seconds(0)) != std::future_status::ready && pool_->run_one()) continue;
      }
      return future_.get();
    }

   private:
    std::future<Result> future_;
    FaultyPool* pool_;
  };

  explicit FaultyPool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  FaultyPool(const FaultyPool&) = delete;
  FaultyPool& operator=(const FaultyPool&) = delete;
  ~FaultyPool() { drain(); }

  template <class Function>
  auto submit(Function function) {
    using Result = std::invoke_result_t<Function&>;
    std::packaged_task<Result()> task(std::move(function));
    Future<Result> future(task.get_future(), *this);
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

  void drain() {
    std::deque<Task> dropped;
    if constexpr (kFault == Fault::stop_without_mutex) {
      closed_ = true;
    } else {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      if constexpr (kFault == Fault::drops_at_shutdown) dropped.swap(tasks_);
    }
    task_or_end_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  using Task = std::packaged_task<void()>;

  void work() {
    is_worker = true;
    std::unique_lock lock(mutex_);
    for (;;) {
      task_or_end_.wait(lock, [this] { return !tasks_.empty() || closed_; });
      if (tasks_.empty()) return;
      run_first(lock);
    }
  }
  bool run_one() {
    std::unique_lock lock(mutex_);
    if (tasks_.empty()) return false;
    run_first(lock);
    return true;
  }
  /// The caller holds the mutex, before and after the call.
  void run_first(std::unique_lock<std::mutex>& lock) {
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    task();
    lock.lock();
    if (--running_ != 0 || !tasks_.empty()) return;
    if constexpr (kFault == Fault::one_waiter_woken) {
      idle_.notify_one();
    } else {
      idle_.notify_all();
    }
  }

  inline static constinit thread_local bool is_worker = false;

  std::mutex mutex_;
  std::condition_variable task_or_end_, idle_;
  std::deque<Task> tasks_;
  std::size_t running_ = 0;
  std::atomic<bool> closed_{false};
  std::vector<std::thread> threads_;
};
