// The bench engine's driver: every case, every fork, one child each, in random interleaved order.
#pragma once

#include <string>

#include "host/campaign.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

struct SweepOptions : CampaignOptions {
  unsigned forks = 6;
  double min_time_s = 0.05;
  bool list_only = false;          ///< --benchmark_list_tests
  bool schedule = false;           ///< turns come from standard input; each record goes to standard output
  std::string format = "console";  ///< of standard output: console or json
  std::string benchmark_out;       ///< Google Benchmark's JSON goes here too
};

Exit run_bench(const SweepOptions& options);

}  // namespace racetrack::host
