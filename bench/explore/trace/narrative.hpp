// An execution as a reader wants it: a column per thread, a line per step, and where the failure lies.
#pragma once

#include <string>

#include "explore/explorer.hpp"

namespace racetrack::explore {

/// brief: the last steps before the failure; full: all of them, and plain accesses of what threads share. Both name the stacks of a race.
enum class Detail : std::uint8_t { brief, full };

/// Several lines. The finding was recorded with its events.
std::string narrate(const Finding& finding, Detail detail);

/// Where the failure is: of a race, both accesses; else the last step of each thread that has not ended. The finding was recorded.
CodePlaces places_of(const Finding& finding);

}  // namespace racetrack::explore
