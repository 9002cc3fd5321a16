// The stress engine's driver: every case in a child process, for a while.
#pragma once

#include "host/campaign.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

struct StressOptions : CampaignOptions {
  double seconds = 0.8;      ///< of rounds per case and run
  unsigned runs = 1;         ///< child processes per case
  double patience_s = 10.0;  ///< a round that takes longer hangs
};

Exit run_stress_command(const StressOptions& options);

struct ReplayOptions {
  std::string what;  ///< a token that `stress` printed, or a file with a history that it kept
  double seconds = 10.0;
  std::vector<std::filesystem::path> plugins;
};

/// A token: runs that round again and again and says how often it failed. A history file: judges it again.
Exit run_replay_command(const ReplayOptions& options);

}  // namespace racetrack::host
