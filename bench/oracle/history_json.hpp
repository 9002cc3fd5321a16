// Histories as JSON, for storage with a record and for judging again.
#pragma once

#include <nlohmann/json.hpp>

#include <racetrack/history.hpp>

namespace racetrack::oracle {

/// Returns {"capacity", "stamped", "complete", "skew", "failures_dropped", "threads": [[[action, outcome, object,
/// value, invoked, returned, thread], ...], ...]}.
nlohmann::json to_json(const History& history);

/// Parses the output of to_json. Throws std::invalid_argument with a description of the error for anything else.
History history_of(const nlohmann::json& json);

}  // namespace racetrack::oracle
