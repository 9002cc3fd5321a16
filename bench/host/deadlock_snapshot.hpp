// Describes every thread of the programs under the deadlock detector at one moment: its wait, the holder of the lock
// that it waits for, and the limits of this knowledge. It reads the processes from outside, so it works however they
// hang.
#pragma once

#include <string>

#include "deadlock/shared_page.hpp"

namespace racetrack::host {

/// Returns one paragraph per process, or "" when there is none. Sleeps 0.1 s when a thread is running, to measure its
/// processor time.
std::string describe_waits(const deadlock::SharedPage& page);

}  // namespace racetrack::host
