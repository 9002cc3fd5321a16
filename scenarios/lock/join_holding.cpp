// A thread joins another thread that needs a lock.
//
//   join_under_lock     joins while it holds that lock: a deadlock unless the other thread has already released it.
//   join_after_release  correct.
#include <cstddef>
#include <mutex>
#include <thread>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

class JoinUnderLock {
 public:
  static constexpr std::size_t kThreads = 1;
  void step(std::size_t /*thread*/) {
    std::thread helper([this] {
      const std::lock_guard lock(mutex_);
      ++sum_;
    });
    const std::lock_guard lock(mutex_);
    ++sum_;
    helper.join();
  }

 private:
  std::mutex mutex_;
  long sum_ = 0;
};

class JoinAfterRelease {
 public:
  static constexpr std::size_t kThreads = 1;
  void step(std::size_t /*thread*/) {
    std::thread helper([this] {
      const std::lock_guard lock(mutex_);
      ++sum_;
    });
    {
      const std::lock_guard lock(mutex_);
      ++sum_;
    }
    helper.join();
  }

 private:
  std::mutex mutex_;
  long sum_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "join_holding", .library = racetrack::standard_library()};
  registry.add<Family, JoinUnderLock>("join_under_lock", traits, racetrack::expect_deadlock(),
                                      racetrack::Standing::control);
  registry.add<Family, JoinAfterRelease>("join_after_release", traits);
}
