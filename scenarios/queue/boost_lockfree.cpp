// boost::lockfree::queue as a subject.
#include "boost_lockfree.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "boost_version.hpp"

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, BoostLockfreeQueue>(
      "boost_lockfree", {.library = boost_version(), .progress = lock_free, .full = may_fail_spuriously},
      // Freeing a node turns it into a link of the free list by plain stores. A slow thread may read the node's atomic
      // `next` at the same time: a data race by the standard. It is harmless: the slow thread's compare-exchange then
      // fails on the tag.
      {{.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may},
       {.detector = "explore*", .kind = "race", .grade = racetrack::Grade::may}});
}
