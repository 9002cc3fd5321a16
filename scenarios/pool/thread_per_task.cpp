// A std::thread and a std::packaged_task for every task.
//
// Source: the code that programmers write before they have a pool. Threads are detached; the destructor waits until the
// last one has finished its task. Progress: blocking.
#include <condition_variable>
#include <cstddef>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>
#include <racetrack/standard_library.hpp>

namespace {

class ThreadPerTask {
 public:
  explicit ThreadPerTask(std::size_t /*threads*/) {}
  ThreadPerTask(const ThreadPerTask&) = delete;
  ThreadPerTask& operator=(const ThreadPerTask&) = delete;
  ~ThreadPerTask() { drain(); }

  /// Throws std::runtime_error after drain, std::system_error when no more threads can be created.
  template <class Function>
  auto submit(Function function) {
    std::packaged_task<std::invoke_result_t<Function&>()> task(std::move(function));
    auto future = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      if (closed_) throw std::runtime_error("shut down");
      ++running_;
    }
    std::thread([this, task = std::move(task)]() mutable {
      task();
      const std::lock_guard lock(mutex_);
      if (--running_ == 0) ended_.notify_all();
    }).detach();
    return future;
  }

  void drain() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    ended_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  bool closed_ = false;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::pool::Family, ThreadPerTask>(
      "thread_per_task", {.library = racetrack::standard_library(), .thread_per_task = true, .nested = true});
}
