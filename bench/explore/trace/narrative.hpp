// Formats an execution for the user: a column per thread, a line per step, and the place of the failure.
#pragma once

#include <string>

#include "explore/explorer.hpp"

namespace racetrack::explore {

/// brief: the last steps before the failure. full: all steps, and plain accesses of shared memory. Both show the stacks
/// of a race.
enum class Detail : std::uint8_t { brief, full };

/// Returns several lines. The finding must have recorded events.
std::string narrate(const Finding& finding, Detail detail);

/// The places of the failure: both accesses of a race; otherwise the last step of each thread that has not ended. The
/// finding must have recorded events.
CodePlaces places_of(const Finding& finding);

}  // namespace racetrack::explore
