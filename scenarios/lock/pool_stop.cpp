// A pool of threads is destroyed as soon as its last task is done, while its workers go to sleep. BS::thread_pool #93, #100
// and #108.
//
//   stop_without_mutex  the destructor sets an atomic flag and notifies all, without the mutex: a worker that has looked at the
//                       flag and does not sleep yet misses both, and the destructor joins it for ever.
//   stop_under_mutex    clean: the flag is set under the mutex.
#include <array>
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

constexpr std::size_t kWorkers = 2;

/// Tasks are only counted.
template <bool kStopUnderMutex>
class Pool {
 public:
  Pool() {
    for (std::thread& worker : workers_) worker = std::thread([this] { work(); });
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    wait_for_tasks();
    if constexpr (kStopUnderMutex) {
      const std::lock_guard lock(mutex_);
      running_ = false;
    } else {
      running_ = false;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
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

 private:
  void work() {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_ != 0 || !running_; });
        if (waiting_ == 0) return;
        --waiting_;
      }
      --unfinished_;  // the task
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t waiting_ = 0;
  std::atomic<std::size_t> unfinished_{0};
  std::atomic<bool> running_{true};
  std::array<std::thread, kWorkers> workers_;
};

template <bool kStopUnderMutex>
class StopPool {
 public:
  static constexpr std::size_t kThreads = 1;
  void step(std::size_t /*thread*/) {
    Pool<kStopUnderMutex> pool;
    for (std::size_t task = 0; task < 2 * kWorkers; ++task) pool.submit();
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "pool_stop", .library = racetrack::standard_library()};
  registry.add<Family, StopPool<false>>("stop_without_mutex", traits, racetrack::expect_lost_wakeup(),
                                        racetrack::Standing::control);
  registry.add<Family, StopPool<true>>("stop_under_mutex", traits);
}
