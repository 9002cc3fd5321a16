// `racetrack doctor`: lists what on this machine disturbs measurements.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "host/exit.hpp"

namespace racetrack::host {

/// Prints one line per fact, marked good or bad, with a remedy. Changes nothing.
Exit examine_machine();

/// Returns the text printed at the start of a run: one line if the machine is quiet, else one line per reason, with a
/// remedy. `facts`: from machine_facts(); their steal_ratio covers the moments before.
std::string noise_before_run(const nlohmann::json& facts);

/// Prints machine and build as in environment.json.
Exit print_environment();

}  // namespace racetrack::host
