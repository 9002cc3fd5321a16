// What a sweep found, for a terminal.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// One line per case, sorted by workload and parameters, the fastest first: median and range over forks, or the verdict where there is
/// no number. `records` are case records.
std::string summary_table(const std::vector<nlohmann::json>& records);

/// 12345678.9 -> "12.3 M".
std::string with_prefix(double value);

}  // namespace racetrack::host
