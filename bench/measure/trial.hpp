// One case in one fork: judged, then timed. Runs in a child process.
#pragma once

#include <cstdint>
#include <functional>

#include <nlohmann/json.hpp>

#include <racetrack/scenario.hpp>

#include "load/topology.hpp"

namespace racetrack::measure {

struct TrialPlan {
  Parameters params;
  load::Pinning pinning = load::Pinning::compact;
  std::uint64_t seed = 0;
  double min_time_s = 0.05;     ///< timed rounds together
  double round_time_s = 0.005;  ///< a timed round takes at least this
  double patience_s = 5.0;      ///< a round that takes longer is stopped
  Clock clock{};
  Ticks skew = 0;
};

/// The fields of a record that only the child knows: verdict (without as_expected and expectation), metrics, values, histograms,
/// oversubscribed, placement; and `benchmark`, Google Benchmark's own JSON of the run (null when nothing was timed).
/// `report` is called once with it, also when threads are stuck: then the process leaves by _exit right after.
/// Throws what the subject's constructor throws.
void run_trial(const Scenario& scenario, const TrialPlan& plan,
               const std::function<void(const nlohmann::json&)>& report);

}  // namespace racetrack::measure
