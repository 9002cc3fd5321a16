// The stress engine's driver: runs each case in child processes for a given time.
#pragma once

#include "host/campaign.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

inline constexpr double kPatienceS = 10.0;  ///< of stress and replay, unless an option sets it

struct StressOptions : CampaignOptions {
  double seconds = 0.8;            ///< seconds of rounds per case and child process
  unsigned runs = 1;               ///< child processes per case
  double patience_s = kPatienceS;  ///< a round that takes longer counts as a hang
};

Exit run_stress_command(const StressOptions& options);

struct ReplayOptions {
  std::string what;  ///< a token that `stress` printed, or a history file that it kept
  double seconds = 10.0;
  double patience_s = kPatienceS;
  std::vector<std::filesystem::path> plugins;
};

/// For a token: repeats that round and prints how often it failed. For a history file: judges the history again.
Exit run_replay_command(const ReplayOptions& options);

}  // namespace racetrack::host
