// The lecture's Point with RLock (recursive_mutex), and with the standard library's other locks instead.
//
//   recursive_mutex   the equivalent of Python's RLock: its owner may lock it again. PTHREAD_MUTEX_RECURSIVE.
//   mutex             a thread that finds it locked sleeps in a futex.
//   shared_mutex      concurrent readers; pthread_rwlock_t, whose readers by default pass waiting writers.
#include <mutex>
#include <shared_mutex>

#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>
#include <racetrack/standard_library.hpp>

#include "guarded_point.hpp"

namespace {

using SharedPoint =
    GuardedPoint<std::shared_mutex, std::lock_guard<std::shared_mutex>, std::shared_lock<std::shared_mutex>>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::standard_library;
  using racetrack::point::Family;
  registry.add<Family, GuardedPoint<std::recursive_mutex>>("recursive_mutex",
                                                           {.library = standard_library(), .lock = "mutex"});
  registry.add<Family, GuardedPoint<std::mutex>>("mutex", {.library = standard_library(), .lock = "mutex"});
  registry.add<Family, SharedPoint>(
      "shared_mutex", {.library = standard_library(), .lock = "reader_writer", .readers = racetrack::point::together});
}
