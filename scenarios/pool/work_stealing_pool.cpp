// Our own pool: work stealing on Chase-Lev deques. See work_stealing_pool.hpp.
#include "work_stealing_pool.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>

RACETRACK_PLUGIN(registry) {
  // Its fences order what workers look at, and publish nothing: ThreadSanitizer's verdict stands.
  registry.add<racetrack::pool::Family, WorkStealingPool>("work_stealing", {.library = "racetrack", .nested = true});
}
