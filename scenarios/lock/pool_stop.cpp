// A pool's workers are stopped as soon as the last task is done, while they go to sleep. BS::thread_pool #93, #100 and #108.
//
//   stop_without_mutex  stop() sets an atomic flag and notifies all, without the mutex: a worker that has looked at the flag and
//                       does not sleep yet misses both, and stop() waits for its end for ever.
//   stop_under_mutex    clean: the flag is set under the mutex.
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// A pool of one worker, the thread that calls work(), which returns when the pool is stopped. Then it can be started again. Tasks
/// are only counted.
template <bool kStopUnderMutex>
class Pool {
 public:
  void start() {
    const std::lock_guard lock(mutex_);
    running_ = true;
    wanted_ = true;
    started_.notify_one();
  }
  void submit() {
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
      ++unfinished_;
    }
    changed_.notify_one();
  }
  /// Polls, as that pool did.
  void wait_for_tasks() const {
    while (unfinished_ != 0) std::this_thread::yield();
  }
  /// Returns when the worker has left.
  void stop() {
    if constexpr (kStopUnderMutex) {
      const std::lock_guard lock(mutex_);
      running_ = false;
    } else {
      running_ = false;
    }
    changed_.notify_all();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return !wanted_; });
  }

  void work() {
    std::unique_lock lock(mutex_);
    started_.wait(lock, [this] { return wanted_; });
    for (;;) {
      changed_.wait(lock, [this] { return waiting_ != 0 || !running_; });
      if (waiting_ == 0) break;
      --waiting_;
      lock.unlock();
      --unfinished_;  // the task
      lock.lock();
    }
    wanted_ = false;
    ended_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable started_, changed_, ended_;
  bool wanted_ = false;  ///< between start() and the worker's end
  std::size_t waiting_ = 0;
  std::atomic<std::size_t> unfinished_{0};
  std::atomic<bool> running_{false};
};

/// Thread 0 owns the pool, thread 1 works.
template <bool kStopUnderMutex>
class StopPool {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    if (thread == 1) {
      pool_.work();
      return;
    }
    pool_.start();
    for (int task = 0; task < 2; ++task) pool_.submit();
    pool_.wait_for_tasks();
    pool_.stop();
  }

 private:
  Pool<kStopUnderMutex> pool_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "pool_stop", .library = racetrack::standard_library()};
  registry.add<Family, StopPool<false>>("stop_without_mutex", traits, racetrack::expect_lost_wakeup(),
                                        racetrack::Standing::control);
  registry.add<Family, StopPool<true>>("stop_under_mutex", traits);
}
