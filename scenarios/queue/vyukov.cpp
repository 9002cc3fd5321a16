// This project's queue after Vyukov, as a subject.
#include "vyukov.hpp"

#include <algorithm>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

using namespace racetrack;

RACETRACK_PLUGIN(registry) {
  registry.add<queue::Family, VyukovQueue>("vyukov", {.library = "racetrack",
                                                      .progress = queue::blocking,
                                                      .empty = queue::may_fail_spuriously,
                                                      .full = queue::may_fail_spuriously,
                                                      .actual_capacity = [](std::uint64_t requested) {
                                                        return std::max<std::uint64_t>(
                                                            2, queue::next_power_of_two(requested));
                                                      }});
}
