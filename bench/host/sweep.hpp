// The bench engine's driver: every case, every fork, one child each, in random interleaved order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/cases.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

struct SweepOptions {
  Selection selection;
  std::vector<std::filesystem::path> plugins;  ///< --plugin
  bool with_builtin = false;                   ///< the subjects that come with racetrack as well
  std::optional<std::filesystem::path> out;
  bool resume = false;                         ///< go on with the run in `out`
  std::optional<std::uint64_t> seed;
  unsigned forks = 6;
  double min_time_s = 0.05;
  double limit_s = 60.0;                       ///< for one child
  bool quiet = false;
  bool list_only = false;                      ///< --benchmark_list_tests
  std::string format = "console";              ///< of standard output: console or json
  std::string benchmark_out;                   ///< Google Benchmark's JSON goes here too
  std::string command;                         ///< what repeats this call, for the record
};

Exit run_bench(const SweepOptions& options);

}  // namespace racetrack::host
