// Runs one case under stress: many small rounds on real threads, disturbed, recorded and judged. Runs in a child
// process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <racetrack/scenario.hpp>

#include "load/topology.hpp"

namespace racetrack::stress {

/// A trial takes at most this many times its planned time while it waits for an expected failure.
constexpr double kMostTimes = 10;

/// The parameters of a trial.
struct StressPlan {
  Parameters params;
  load::Pinning pinning = load::Pinning::compact;
  std::uint64_t seed = 0;
  double seconds = 1.0;            ///< rounds start during this time; longer while an expected failure is missing
  double patience_s = 10.0;        ///< a round without progress for this long is a hang
  std::uint64_t most_work = 2000;  ///< largest work per round: short rounds start often, long ones wrap around
  std::optional<std::uint64_t> only_round;  ///< replay: run only this round, repeatedly
  /// Slowed down by a sanitizer: an expected failure may be missing, and a long round is not a hang.
  bool slowed = false;
  Clock clock{};
  Ticks skew = 0;
  std::function<void()> beat{};  ///< see load::RoundRunner::Options
};

/// Returns the detectors that can report failures in a stress trial, with the names of expectations. `lock_graph`
/// states whether the deadlock detector is preloaded.
std::vector<std::string> detectors(bool lock_graph);

/// Runs a trial and calls `report` once, with the fields of a record that only the child knows: those of
/// measure::run_trial, and `failure`. That is null, or has the round and the history (see history_json) of the first
/// failed round. When threads are stuck, the process exits after the report.
void run_stress(const Scenario& scenario, const StressPlan& plan,
                const std::function<void(const nlohmann::json&)>& report);

}  // namespace racetrack::stress
