// Role bodies with a known fault: one call per item, and sums in memory. `make overhead` compares them with the same
// bare loop as the real bodies, and must find them slower. Nothing else loads this plugin.
#define RACETRACK_TALLY_IN_MEMORY

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "scenarios/queue/lamport.hpp"

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Words, LamportQueue>(
      "lamport_tally_in_memory",
      {.library = "racetrack", .producers = single, .consumers = single, .progress = wait_free});
}
