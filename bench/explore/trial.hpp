// One case explored: small rounds under many schedules, judged. Runs in a child process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <racetrack/scenario.hpp>

#include "explore/explorer.hpp"

namespace racetrack::explore {

struct TrialPlan {
  Parameters params;
  std::uint64_t seed = 0;
  double seconds = 2.0;
  std::uint64_t executions = 0;         ///< at most; 0: all that fit the time
  std::vector<std::string> strategies;  ///< empty: the rotation
  Memory memory = Memory::sequential;
  std::uint32_t steps = Plan().most_steps;  ///< that an execution may have
  WorldOptions world;
  Races races = Races::report;
  bool keeps_going = false;  ///< searches for all distinct findings
  std::vector<Suppression> suppressions;
};

/// The detector that every finding of the explorer is named after, whether it or an oracle has seen it. In weak memory it has a name of its
/// own, so that a scenario can say what must be seen there alone.
constexpr const char* detector_of(Memory memory) noexcept {
  return memory == Memory::weak ? "explorer.weak" : "explorer";
}

/// The fields of a record that only the child knows, as stress::run_stress gives them, and `exploration` (what was covered). Where a finding is
/// shown, also its `schedule`, and its `trace`: the outcome that a replay in another process must have.
nlohmann::json run_trial(const Scenario& scenario, const TrialPlan& plan);

/// {"failed", "text", "trace"}: one schedule and its interleaving; every step with `prints`.
nlohmann::json replay_trial(const Scenario& scenario, const TrialPlan& plan, const Schedule& schedule, bool prints);

}  // namespace racetrack::explore
