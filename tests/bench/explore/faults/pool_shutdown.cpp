// A thread pool shuts down: its workers leave at the request, or when the queue is empty.
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

namespace {
template <bool kDrains>
class Pool {
 public:
  explicit Pool(int threads) {
    for (int thread = 0; thread < threads; ++thread) {
      workers_.emplace_back([this] { work(); });
    }
  }
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }
  template <class Task>
  auto submit(Task task) {
    auto packaged = std::make_shared<std::packaged_task<decltype(task())()>>(std::move(task));
    auto result = packaged->get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.emplace_back([packaged] { (*packaged)(); });
    }
    wake_.notify_one();
    return result;
  }

 private:
  void work() {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
        if (kDrains ? tasks_.empty() : stopping_) {
          return;
        }
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};
template <bool kDrains>
void run() {
  std::vector<std::future<int>> results;
  {
    Pool<kDrains> pool(2);
    for (int task = 0; task < 3; ++task) {
      results.push_back(pool.submit([task] { return task * task; }));
    }
  }
  int sum = 0;
  for (auto& result : results) {
    sum += result.get();
  }
  racetrack::check(sum == 5, "all tasks ran");
}
}  // namespace
RACETRACK_EXPLORE(pool_leaves_tasks) { run<false>(); }
RACETRACK_EXPLORE(pool_drains_tasks) { run<true>(); }
