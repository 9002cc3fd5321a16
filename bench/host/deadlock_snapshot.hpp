// Every thread of the programs under the deadlock detector at one moment: its wait, the holder of a lock that it waits for, and the limits of this
// knowledge. Read from outside, so it works on programs that hang in whatever way.
#pragma once

#include <string>

#include "deadlock/shared_page.hpp"

namespace racetrack::host {

/// One paragraph per process; "" when no process is there. Takes a tenth of a second when a thread runs, to see how much.
std::string describe_waits(const deadlock::SharedPage& page);

}  // namespace racetrack::host
