// A reader wants to become a writer.
//
//   lock_while_shared   takes the lock alone while holding it shared: it waits for all readers to go, and is one. Two such
//                       readers wait for each other as well. Deadlock.
//   release_and_relock  gives the shared lock back first, and looks again when it has the other: somebody may have written in
//                       between. Clean.
#include <cstddef>
#include <mutex>
#include <shared_mutex>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// A table that is filled by whoever finds it empty, and emptied again by the next.
struct Table {
  bool filled = false;
  long fills = 0;
  void fill() {
    filled = !filled;
    ++fills;
  }
};

class LockWhileShared {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    const std::shared_lock reading(mutex_);
    if (table_.filled == (thread == 1)) {
      const std::lock_guard writing(mutex_);
      table_.fill();
    }
  }

 private:
  std::shared_mutex mutex_;
  Table table_;
};

class ReleaseAndRelock {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    {
      const std::shared_lock reading(mutex_);
      if (table_.filled != (thread == 1)) return;
    }
    const std::lock_guard writing(mutex_);
    if (table_.filled == (thread == 1)) table_.fill();
  }

 private:
  std::shared_mutex mutex_;
  Table table_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "upgrade", .library = racetrack::standard_library()};
  racetrack::Expectation expectation = racetrack::expect_deadlock();
  expectation.push_back({.detector = "*", .kind = "misuse", .grade = racetrack::Grade::may});  // which it is as well
  registry.add<Family, LockWhileShared>("lock_while_shared", traits, expectation, racetrack::Standing::control);
  registry.add<Family, ReleaseAndRelock>("release_and_relock", traits);
}
