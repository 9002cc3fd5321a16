// Histories as JSON, to be kept beside a record and judged again.
#pragma once

#include <nlohmann/json.hpp>

#include <racetrack/history.hpp>

namespace racetrack::oracle {

/// {"capacity", "stamped", "complete", "skew", "failures_dropped", "threads": [[[action, outcome, object, value, invoked, returned, thread], ...], ...]}.
nlohmann::json to_json(const History& history);

/// Throws std::invalid_argument, saying what is wrong, for anything that to_json did not write.
History history_of(const nlohmann::json& json);

}  // namespace racetrack::oracle
