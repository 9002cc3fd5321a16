// Explores one case: runs small rounds under many schedules and judges them. Runs in a child process.
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
  std::uint64_t executions = 0;         ///< limit; 0: as many as the time allows
  std::vector<std::string> strategies;  ///< empty: the rotation
  Memory memory = Memory::sequential;
  std::uint32_t steps = Plan().most_steps;  ///< limit for an execution
  WorldOptions world;
  Races races = Races::report;
  bool keeps_going = false;  ///< searches for all distinct findings
  std::vector<Suppression> suppressions;
};

/// The detector name of every finding of the explorer, including those of oracles. Weak memory has a separate name,
/// so that a scenario can expect findings that only weak memory has.
constexpr const char* detector_of(Memory memory) noexcept {
  return memory == Memory::weak ? "explorer.weak" : "explorer";
}

/// Returns the fields of a record that only the child process knows, as stress::run_stress does, and `exploration` (the
/// coverage). With a finding, also its `schedule`, and its `trace`: the outcome that a replay in another process must
/// have.
nlohmann::json run_trial(const Scenario& scenario, const TrialPlan& plan);

/// Replays one schedule. Returns {"failed", "text", "trace"}; the text is its interleaving, with every step when
/// `prints` is set.
nlohmann::json replay_trial(const Scenario& scenario, const TrialPlan& plan, const Schedule& schedule, bool prints);

}  // namespace racetrack::explore
