// The seqlock, as a Point. See seqlock.hpp.
#include "seqlock.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::point::Family, SeqlockPoint>(
      "seqlock", {.lock = "sequence", .readers = racetrack::point::optimistic, .fences = true});
}
