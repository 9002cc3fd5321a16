// Crashes become failures of the execution instead of ending the process.
#pragma once

namespace racetrack::explore {

/// Crashes, aborts and endless loops of the subject end its execution. Outside an execution they end the process as
/// usual.
void catch_crashes();

}  // namespace racetrack::explore
