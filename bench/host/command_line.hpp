// The command line of racetrack.
#pragma once

#include "host/exit.hpp"

namespace racetrack::host {

/// Parses the arguments, runs the command and returns its exit code. Throws Failure with one line that names the error.
Exit run_command_line(int argc, char** argv);

}  // namespace racetrack::host
