// `racetrack list`: prints subjects and their workloads.
#pragma once

#include <string>
#include <vector>

#include "host/exit.hpp"
#include "host/plugins.hpp"

namespace racetrack::host {

/// Prints the subjects with their workloads and traits, as text or JSON. `filter` is searched in
/// family/workload/subject. Throws Failure(nothing) when no scenario matches.
Exit list_scenarios(const std::vector<Plugin>& plugins, const std::string& filter, bool json);

}  // namespace racetrack::host
