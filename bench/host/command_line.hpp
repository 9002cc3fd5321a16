// The words on racetrack's command line.
#pragma once

#include "host/exit.hpp"

namespace racetrack::host {

/// Parses, runs the command, returns its exit code. Throws Failure for a line that says what is wrong.
Exit run_command_line(int argc, char** argv);

}  // namespace racetrack::host
