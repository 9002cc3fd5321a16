// boost::lockfree::queue as a subject.
#include "boost_lockfree.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "boost_version.hpp"

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, BoostLockfreeQueue>(
      "boost_lockfree", {.library = boost_version(), .progress = lock_free, .full = may_fail_spuriously},
      {{.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may}});
}
