// The bench engine's driver: runs every fork of every case in its own child process, in random interleaved order.
#pragma once

#include <string>

#include "host/campaign.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

struct SweepOptions : CampaignOptions {
  unsigned forks = 6;
  double min_time_s = 0.05;
  bool list_only = false;          ///< --benchmark_list_tests
  bool schedule = false;           ///< read turns from standard input; print each record to standard output
  std::string format = "console";  ///< format of standard output: console or json
  std::string benchmark_out;       ///< also write Google Benchmark's JSON to this file
};

Exit run_bench(const SweepOptions& options);

}  // namespace racetrack::host
