// A reader becomes a writer.
//
//   lock_while_shared   takes the exclusive lock while it holds the shared lock. It waits for all readers to leave, and
//                       is a reader itself. Two such readers also wait for each other. Deadlock.
//   release_and_relock  releases the shared lock first, and checks again under the exclusive lock, because another
//                       thread may have written in between. Correct.
#include <cstddef>
#include <mutex>
#include <shared_mutex>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// A table that thread 1 empties and thread 0 fills.
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
  // Upgrading is misuse as well.
  expectation.push_back({.detector = "*", .kind = "misuse", .grade = racetrack::Grade::may});
  registry.add<Family, LockWhileShared>("lock_while_shared", traits, expectation, racetrack::Standing::control);
  registry.add<Family, ReleaseAndRelock>("release_and_relock", traits);
}
