// The explorer's driver: every case in a child process, under many schedules. In the explore build; elsewhere the explore build's racetrack
// is started in this one's place (no_explorer.cpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/campaign.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

struct ExploreOptions : CampaignOptions {
  double seconds = 2.0;          ///< of executions per case
  std::uint64_t executions = 0;  ///< at most, per case; 0: all that fit the time
  std::vector<std::string> strategies;
  std::uint32_t steps = 100'000;  ///< that an execution may have
  unsigned threads = 16;          ///< that an execution may have, the first one included
  std::size_t memory_limit = 64;  ///< MiB that an execution may allocate
  std::string fill = "pattern";   ///< content of new heap blocks: pattern, zero or random
  bool keep_going = false;        ///< search for all distinct findings of a case
  std::string races = "report";   ///< or ignore, steps
  std::string suppress;           ///< file of findings not to report; empty: none
};

Exit run_explore_command(const ExploreOptions& options);

/// Runs the schedule that `token` names, and tells what happened; every step with `prints`.
Exit replay_exploration(const std::string& token, const std::vector<std::filesystem::path>& plugins, bool prints);

/// In a child: explores, or replays, as the job says.
void run_explore_job(const Scenario& scenario, const nlohmann::json& job,
                     const std::function<void(const nlohmann::json&)>& answer);
/// In a child, first thing: where the build explores, the child gets addresses that are not random.
void prepare_explored_child(char** argv);

}  // namespace racetrack::host
