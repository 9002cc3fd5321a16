// This project's pool: work stealing on Chase-Lev deques. See work_stealing_pool.hpp.
#include "work_stealing_pool.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>

RACETRACK_PLUGIN(registry) {
  // Its fences order only the workers' checks for work, and publish nothing, so ThreadSanitizer's verdict is valid.
  registry.add<racetrack::pool::Family, WorkStealingPool>("work_stealing", {.library = "racetrack", .nested = true});
}
