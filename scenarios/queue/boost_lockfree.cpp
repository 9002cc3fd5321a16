// boost::lockfree::queue as a subject.
#include "boost_lockfree.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "boost_version.hpp"

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, BoostLockfreeQueue>(
      "boost_lockfree", {.library = boost_version(), .progress = lock_free, .full = may_fail_spuriously},
      // A node that is given back becomes a link of the free list by plain stores. A thread that is late may read its atomic `next` at the
      // same time: a data race by the standard. Its compare-exchange fails on the tag then, so that nothing comes of it.
      {{.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may},
       {.detector = "explore*", .kind = "race", .grade = racetrack::Grade::may}});
}
