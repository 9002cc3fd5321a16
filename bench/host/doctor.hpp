// `racetrack doctor`: what on this machine will spoil a measurement.
#pragma once

#include "host/exit.hpp"

namespace racetrack::host {

/// Prints one line per fact, good or bad, with what to do. Nothing is changed.
Exit examine_machine();

/// Prints machine and build as environment.json has them.
Exit print_environment();

}  // namespace racetrack::host
