// Names of the system calls in which threads wait.
#pragma once

#include <string>

namespace racetrack::host {

/// "read", or "system call 4711" for one that is seldom waited in.
std::string name_of_system_call(long number);

/// Whether its first argument is a file descriptor that it may wait for.
bool waits_for_descriptor(long number);

}  // namespace racetrack::host
