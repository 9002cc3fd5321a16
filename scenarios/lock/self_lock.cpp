// A thread locks a mutex that it already holds: the lecture's reason for RLock.
//
//   mutex            a plain mutex: the thread waits for itself. A deadlock of one thread, at the first step.
//   recursive_mutex  counts how often its owner has locked it. Correct.
#include <cstddef>
#include <mutex>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// A public member function that locks calls another one that locks.
template <class Mutex>
class Nested {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    const std::lock_guard lock(mutex_);
    add();
  }

 private:
  void add() {
    const std::lock_guard lock(mutex_);
    ++sum_;
  }

  Mutex mutex_;
  long sum_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "self_lock", .library = racetrack::standard_library()};
  racetrack::Expectation expectation = racetrack::expect_deadlock();
  // Locking it twice is misuse as well.
  expectation.push_back({.detector = "*", .kind = "misuse", .grade = racetrack::Grade::may});
  registry.add<Family, Nested<std::mutex>>("mutex", traits, expectation, racetrack::Standing::control);
  registry.add<Family, Nested<std::recursive_mutex>>("recursive_mutex", traits);
}
