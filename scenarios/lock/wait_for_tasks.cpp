// Two threads wait until a pool has nothing left to do. BS::thread_pool #110.
//
//   one_waiter_woken   the worker that finishes the last task notifies one waiter. The other sleeps on, although what it waits
//                      for has come.
//   all_waiters_woken  clean.
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// One worker; a task is only counted.
template <bool kWakeAll>
class Pool {
 public:
  Pool() : worker_([this] { work(); }) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      running_ = false;
    }
    task_available_.notify_one();
    worker_.join();
  }

  void submit() {
    {
      const std::lock_guard lock(mutex_);
      ++tasks_;
    }
    task_available_.notify_one();
  }
  void wait_for_tasks() {
    std::unique_lock lock(mutex_);
    tasks_done_.wait(lock, [this] { return tasks_ == 0; });
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      task_available_.wait(lock, [this] { return tasks_ != 0 || !running_; });
      if (!running_) return;
      lock.unlock();
      // The task.
      lock.lock();
      if (--tasks_ != 0) continue;
      if constexpr (kWakeAll) {
        tasks_done_.notify_all();
      } else {
        tasks_done_.notify_one();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable task_available_, tasks_done_;
  std::size_t tasks_ = 0;
  bool running_ = true;
  std::thread worker_;
};

template <bool kWakeAll>
class WaitForTasks {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    pool_.submit();
    pool_.wait_for_tasks();
  }

 private:
  Pool<kWakeAll> pool_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "wait_for_tasks", .library = racetrack::standard_library()};
  registry.add<Family, WaitForTasks<false>>("one_waiter_woken", traits, racetrack::expect_lost_wakeup(),
                                            racetrack::Standing::control);
  registry.add<Family, WaitForTasks<true>>("all_waiters_woken", traits);
}
