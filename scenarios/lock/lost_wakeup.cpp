// One thread sets a flag and notifies a condition variable; the other waits on it until the flag is set.
//
//   flag_set_without_mutex  sets the flag, which is atomic, without the mutex. The other thread can read the flag as
//                           unset and not sleep yet: it then misses the signal. (The fault of BS::thread_pool #93, #100
//                           and #108.)
//   flag_set_under_mutex    correct: no thread can set the flag between the other's check and its sleep.
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// Thread 0 repeatedly takes what thread 1 has put.
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
