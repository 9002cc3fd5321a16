// Tasks of a pool that wait for tasks of the same pool: when every worker runs one that waits, nobody is left to run what they
// wait for. Deadlock by starvation; no lock is held meanwhile.
//
//   waits      the outer task sleeps until the inner one is done.
//   helps      the outer task runs what is queued until the inner one is done. Clean.
#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

constexpr std::size_t kWorkers = 2;

class Pool {
 public:
  Pool() {
    for (std::thread& worker : workers_) worker = std::thread([this] { work(); });
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      running_ = false;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  /// `done` is set, under the pool's mutex, when the task has run.
  void submit(std::function<void()> task, bool& done) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back({std::move(task), &done});
    }
    changed_.notify_all();
  }
  void wait(const bool& done) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done; });
  }
  void help_until(const bool& done) {
    std::unique_lock lock(mutex_);
    while (!done) {
      changed_.wait(lock, [&] { return done || !tasks_.empty(); });
      if (!done) run_one(lock);
    }
  }

 private:
  struct Task {
    std::function<void()> run;
    bool* done;
  };

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !tasks_.empty() || !running_; });
      if (!running_) return;
      run_one(lock);
    }
  }
  /// Called and left with the lock held.
  void run_one(std::unique_lock<std::mutex>& lock) {
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task.run();
    lock.lock();
    *task.done = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool running_ = true;
  std::array<std::thread, kWorkers> workers_;
};

template <bool kHelps>
class NestedTasks {
 public:
  static constexpr std::size_t kThreads = kWorkers;
  void step(std::size_t /*thread*/) {
    bool outer_done = false;
    pool_.submit(
        [this] {
          bool inner_done = false;
          pool_.submit([] {}, inner_done);
          if constexpr (kHelps) {
            pool_.help_until(inner_done);
          } else {
            pool_.wait(inner_done);
          }
        },
        outer_done);
    pool_.wait(outer_done);
  }

 private:
  Pool pool_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "pool_starvation", .library = racetrack::standard_library()};
  registry.add<Family, NestedTasks<false>>("waits", traits, racetrack::expect_lost_wakeup(),
                                           racetrack::Standing::control);
  registry.add<Family, NestedTasks<true>>("helps", traits);
}
