// What would end the process becomes a failure of the execution.
#pragma once

namespace racetrack::explore {

/// Crashes, aborts and endless loops of the subject end its execution; outside one they end the process as always.
void catch_crashes();

}  // namespace racetrack::explore
