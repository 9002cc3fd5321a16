// One thread sets a flag and signals a condition; the other sleeps on it until the flag is set.
//
//   flag_set_without_mutex  the flag is atomic, so its author thought that the mutex could be spared. But a thread that has seen
//                           the flag down, and does not sleep yet, misses the signal. (The fault of BS::thread_pool #93,
//                           #100 and #108.)
//   flag_set_under_mutex    clean: between a look at the flag and sleep nobody can set it.
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// Thread 0 takes what thread 1 has put, again and again.
template <bool kUnderMutex>
class FlagSet {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    if (thread == 0) {
      take();
    } else {
      put();
    }
  }

 private:
  void take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return set_.load(); });
    set_ = false;
    taken_.notify_one();
  }
  void put() {
    {
      std::unique_lock lock(mutex_);
      taken_.wait(lock, [this] { return !set_; });
    }
    if constexpr (kUnderMutex) {
      const std::lock_guard lock(mutex_);
      set_ = true;
    } else {
      set_ = true;
    }
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_, taken_;
  std::atomic<bool> set_{false};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "lost_wakeup", .library = racetrack::standard_library()};
  registry.add<Family, FlagSet<false>>("flag_set_without_mutex", traits, racetrack::expect_lost_wakeup(),
                                       racetrack::Standing::control);
  registry.add<Family, FlagSet<true>>("flag_set_under_mutex", traits);
}
