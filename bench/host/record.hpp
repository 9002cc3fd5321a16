// Makes the record of a case from the outcome of its child process.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "host/cases.hpp"
#include "host/child_process.hpp"

namespace racetrack::host {

/// Members that all case records of an invocation share.
struct RecordHead {
  std::string engine;
  std::string invocation;
  nlohmann::json build;
};

/// One turn: a case in one child process.
struct Turn {
  const Case* which = nullptr;
  unsigned fork = 0;
  std::size_t order_index = 0;
  std::uint64_t seed = 0;
  std::string started_at;
};

/// Returns the verdict on a child that gave no answer.
Verdict verdict_of(const ChildOutcome& outcome);

/// Returns the record of a turn: with the child's answer when it gave one, else with a verdict that states how the
/// child ended. `replay`: the command that repeats a failure.
nlohmann::json case_record(const RecordHead& head, const Turn& turn, const ChildOutcome& outcome,
                           const nlohmann::json& answer, const std::string& replay);

}  // namespace racetrack::host
