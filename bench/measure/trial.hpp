// Runs one case in one fork: recorded rounds that are judged, then timed rounds. Runs in a child process.
#pragma once

#include <cstdint>
#include <functional>

#include <nlohmann/json.hpp>

#include <racetrack/scenario.hpp>

#include "load/topology.hpp"

namespace racetrack::measure {

/// The parameters of a trial.
struct TrialPlan {
  Parameters params;
  load::Pinning pinning = load::Pinning::compact;
  std::uint64_t seed = 0;
  double min_time_s = 0.05;     ///< total time of the timed rounds
  double round_time_s = 0.005;  ///< minimum duration of a timed round
  double patience_s = 5.0;      ///< a round without progress for this long is stopped
  Clock clock{};
  Ticks skew = 0;
  std::function<void()> beat{};  ///< see load::RoundRunner::Options
};

/// Runs a trial and calls `report` once with the fields of a record that only the child knows: verdict (without
/// as_expected and expectation), metrics, values, histograms, oversubscribed, placement and `benchmark`, Google
/// Benchmark's own JSON of the run (null when nothing was timed). When threads are stuck, the process exits with _exit
/// after the report. Throws any exception of the subject's constructor.
void run_trial(const Scenario& scenario, const TrialPlan& plan,
               const std::function<void(const nlohmann::json&)>& report);

}  // namespace racetrack::measure
