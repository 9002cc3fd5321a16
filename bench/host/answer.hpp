// Validates a child's answer before the host uses it: a subject can write to the same descriptor.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "host/child_process.hpp"

namespace racetrack::host {

/// Returns why `answer` is not a valid answer of an engine for a case, or nullopt when it is valid. A record with a
/// valid answer conforms to the schema.
std::optional<std::string> error_in_answer(const nlohmann::json& answer);

/// Makes an outcome whose answer is not valid How::unreadable.
void check_answer(ChildOutcome& outcome);

/// The same for the answer of a replayed schedule: its text, whether it failed, and its trace.
void check_replay_answer(ChildOutcome& outcome);

}  // namespace racetrack::host
