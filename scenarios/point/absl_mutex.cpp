// A Point behind Abseil's Mutex, which serves as a mutex and as a reader-writer lock. A thread that finds it locked
// spins briefly, then sleeps. Waiters queue, but a running thread may take the lock before them.
//
// The lock's atomics are in the library as installed, which is not instrumented. ThreadSanitizer misses them, and
// reports a race for the accesses that they order.
#include <absl/base/config.h>
#include <absl/synchronization/mutex.h>

#include <string>

#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>

#include "guarded_point.hpp"

namespace {

class WriteGuard {
 public:
  explicit WriteGuard(absl::Mutex& mutex) : lock_(&mutex) {}

 private:
  absl::WriterMutexLock lock_;
};

class ReadGuard {
 public:
  explicit ReadGuard(absl::Mutex& mutex) : lock_(&mutex) {}

 private:
  absl::ReaderMutexLock lock_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::point::Family;
  const std::string library = "abseil " + std::to_string(ABSL_LTS_RELEASE_VERSION);
  registry.leave_unexplored();
  const racetrack::Expectation uninstrumented{{.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may}};
  registry.add<Family, GuardedPoint<absl::Mutex, WriteGuard>>("absl_mutex", {.library = library, .lock = "mutex"},
                                                              uninstrumented);
  registry.add<Family, GuardedPoint<absl::Mutex, WriteGuard, ReadGuard>>(
      "absl_mutex_shared", {.library = library, .lock = "reader_writer", .readers = racetrack::point::together},
      uninstrumented);
}
