// The explorer's driver: runs each case in a child process, under many schedules. Builds other than explore start the
// racetrack of the explore build instead (no_explorer.cpp).
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
  double seconds = 2.0;          ///< seconds of executions per case
  std::uint64_t executions = 0;  ///< maximum per case; 0: all that fit the time
  std::vector<std::string> strategies;
  std::uint32_t steps = 100'000;  ///< maximum of an execution
  unsigned threads = 16;          ///< maximum of an execution, including the first thread
  std::size_t memory_limit = 64;  ///< MiB that an execution may allocate
  std::string fill = "pattern";   ///< content of new heap blocks: pattern, zero or random
  bool keep_going = false;        ///< search for all distinct findings of a case
  std::string races = "report";   ///< report, ignore or steps
  std::string suppress;           ///< file of findings not to report; empty: none
};

Exit run_explore_command(const ExploreOptions& options);

/// Replays the schedule that `token` names and prints the outcome; with `prints`, every step.
Exit replay_exploration(const std::string& token, const std::vector<std::filesystem::path>& plugins, bool prints);

/// In a child: explores or replays, as the job requests.
void run_explore_job(const Scenario& scenario, const nlohmann::json& job,
                     const std::function<void(const nlohmann::json&)>& answer);
/// In a child, before anything else: the explore build disables address space randomisation. Does nothing in other
/// builds.
void prepare_explored_child(char** argv);

}  // namespace racetrack::host
