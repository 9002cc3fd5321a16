// A thread locks what it already holds: the lecture's reason for RLock.
//
//   mutex            a plain lock knows no owner: the thread waits for itself. Deadlock of one, at the first step.
//   recursive_mutex  counts instead. Clean.
#include <cstddef>
#include <mutex>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// A public member that locks calls another one that does.
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
  expectation.push_back({.detector = "*", .kind = "misuse", .grade = racetrack::Grade::may});  // which it is as well
  registry.add<Family, Nested<std::mutex>>("mutex", traits, expectation, racetrack::Standing::control);
  registry.add<Family, Nested<std::recursive_mutex>>("recursive_mutex", traits);
}
