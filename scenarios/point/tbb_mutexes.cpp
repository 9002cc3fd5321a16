// A Point behind each of oneTBB's locks.
//
//   tbb_spin_mutex        test-and-set with exponential backoff, then yields.
//   tbb_queuing_mutex     MCS: first come, first served; each waiter spins on its own node.
//   tbb_mutex             spins, then sleeps.
//   tbb_spin_rw_mutex     concurrent readers; a waiting writer holds new readers off.
//   tbb_queuing_rw_mutex  concurrent readers; first come, first served.
//   tbb_rw_mutex          as tbb_spin_rw_mutex, then sleeps.
//
// All except queuing_rw_mutex are header-only. The atomics of queuing_rw_mutex are in the library as installed, which
// is not instrumented. ThreadSanitizer misses them, and reports a race for the accesses that they order.
#include <mutex>
#include <shared_mutex>
#include <string>

#include <oneapi/tbb/mutex.h>
#include <oneapi/tbb/queuing_mutex.h>
#include <oneapi/tbb/queuing_rw_mutex.h>
#include <oneapi/tbb/rw_mutex.h>
#include <oneapi/tbb/spin_mutex.h>
#include <oneapi/tbb/spin_rw_mutex.h>
#include <oneapi/tbb/version.h>

#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>

#include "guarded_point.hpp"

namespace {

template <class Mutex>
using SharedPoint = GuardedPoint<Mutex, std::lock_guard<Mutex>, std::shared_lock<Mutex>>;

/// queuing_rw_mutex has no lock() and unlock(): its guards hold the waiter's node.
template <bool kWrite>
class QueuingGuard {
 public:
  explicit QueuingGuard(tbb::queuing_rw_mutex& mutex) : lock_(mutex, kWrite) {}

 private:
  tbb::queuing_rw_mutex::scoped_lock lock_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::point::Family;
  using racetrack::point::fifo;
  using racetrack::point::together;
  const std::string library = "oneTBB " TBB_VERSION_STRING;
  registry.add<Family, GuardedPoint<tbb::spin_mutex>>("tbb_spin_mutex", {.library = library, .lock = "spin"});
  registry.add<Family, GuardedPoint<tbb::queuing_mutex, tbb::queuing_mutex::scoped_lock>>(
      "tbb_queuing_mutex", {.library = library, .lock = "queue", .fairness = fifo});
  registry.add<Family, SharedPoint<tbb::spin_rw_mutex>>(
      "tbb_spin_rw_mutex", {.library = library, .lock = "reader_writer", .readers = together});
  registry.leave_out_of_weak_memory("libtbb.so");  // these locks wait for an address in libtbb
  registry.add<Family, GuardedPoint<tbb::mutex>>("tbb_mutex", {.library = library, .lock = "mutex"});
  registry.add<Family, SharedPoint<tbb::rw_mutex>>("tbb_rw_mutex",
                                                   {.library = library, .lock = "reader_writer", .readers = together});
  registry.leave_unexplored();  // the queue of this lock is in libtbb
  registry.add<Family, GuardedPoint<tbb::queuing_rw_mutex, QueuingGuard<true>, QueuingGuard<false>>>(
      "tbb_queuing_rw_mutex", {.library = library, .lock = "reader_writer", .readers = together, .fairness = fifo},
      {{.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may}});
}
