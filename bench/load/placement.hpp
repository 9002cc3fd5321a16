// The placement of threads, for a record.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include <racetrack/scenario.hpp>

namespace racetrack::load {

/// Returns the `placement` array of a record: role, thread number and processor (null: not pinned) of every thread.
nlohmann::json placement_json(const std::vector<Role>& roles, const std::vector<int>& cpus);

}  // namespace racetrack::load
