// Names of the system calls in which threads wait.
#pragma once

#include <string>

namespace racetrack::host {

/// Returns a name such as "read", or "system call 4711" for a call in which threads seldom wait.
std::string name_of_system_call(long number);

/// Returns whether the call's first argument is a file descriptor for which it may wait.
bool waits_for_descriptor(long number);

}  // namespace racetrack::host
