// A replay whose child process gave no answer.
#pragma once

#include <string>

#include "host/child_process.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

/// Prints the verdict on the child, and the end of its standard error, on standard output. `what`: what was replayed.
/// Exit::unexpected for a crash or a hang of the subject, Exit::incomplete when nothing is known about it.
Exit print_unanswered(const std::string& what, const ChildOutcome& outcome);

}  // namespace racetrack::host
