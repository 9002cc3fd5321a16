// `racetrack list`: what there is to race.
#pragma once

#include <string>
#include <vector>

#include "host/exit.hpp"
#include "host/plugins.hpp"

namespace racetrack::host {

/// Subjects with their workloads and traits, as a table or as JSON. `filter` is searched in family/workload/subject.
Exit list_scenarios(const std::vector<Plugin>& plugins, const std::string& filter, bool json);

}  // namespace racetrack::host
