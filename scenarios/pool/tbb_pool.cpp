// oneTBB's task_arena and task_group.
//
// Algorithm: work stealing. A group's tasks are spawned onto the deque of the thread that runs them. The thread that
// invokes takes one of the arena's slots, so `threads` threads run tasks. Tasks from outside are enqueued in a second
// arena that has no slot for the submitter: all its threads are the library's. Source: oneTBB. Progress: blocking.
// Futures: the library has none; the adapter uses std::packaged_task, as a user would.
#include <cstddef>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <tbb/version.h>

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>

namespace {

class TbbPool {
 public:
  class Group {
   public:
    explicit Group(TbbPool& /*pool*/) {}
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group() noexcept = default;  // the library's may throw when no thread has waited
    template <class Function>
    void run(Function function) {
      group_.run(std::move(function));
    }
    void wait() { group_.wait(); }

   private:
    tbb::task_group group_;
  };

  explicit TbbPool(std::size_t threads)
      : limit_(tbb::global_control::max_allowed_parallelism, threads + 1),
        outside_(static_cast<int>(threads), 0),
        inside_(static_cast<int>(threads), 1) {}
  TbbPool(const TbbPool&) = delete;
  TbbPool& operator=(const TbbPool&) = delete;
  ~TbbPool() noexcept { drain(); }

  template <class Function>
  auto submit(Function function) {
    using Task = std::packaged_task<std::invoke_result_t<Function&>()>;
    auto task = std::make_shared<Task>(std::move(function));
    auto future = task->get_future();
    outside_.enqueue(submitted_.defer([task = std::move(task)] { (*task)(); }));
    return future;
  }
  template <class Function>
  void invoke(Function&& function) {
    inside_.execute(function);
  }

  void drain() {
    outside_.execute([this] { submitted_.wait(); });
  }
  void cancel() {
    submitted_.cancel();
    drain();
  }

 private:
  tbb::global_control limit_;
  tbb::task_arena outside_, inside_;
  tbb::task_group submitted_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  registry.leave_unexplored();  // libtbb hands tasks over internally
  registry.add<racetrack::pool::Family, TbbPool>(
      "tbb", {.library = "oneTBB " TBB_VERSION_STRING, .nested = true, .refuses = false, .lasting_workers = true},
      // libtbb is not instrumented, so ThreadSanitizer misses how it hands tasks over.
      {{.detector = "tsan", .kind = "race", .grade = Grade::may}});
}
