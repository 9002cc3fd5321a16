// This project's ring after Lamport, as a subject.
#include "lamport.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, LamportQueue>(
      "lamport", {.library = "racetrack", .producers = single, .consumers = single, .progress = wait_free});
}
