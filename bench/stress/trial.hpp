// One case under stress: many small rounds on real threads, disturbed, recorded, judged. Runs in a child process.
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

/// How many times its time a trial goes on at most while what must be seen has not been.
constexpr double kMostTimes = 10;

struct StressPlan {
  Parameters params;
  load::Pinning pinning = load::Pinning::compact;
  std::uint64_t seed = 0;
  double seconds = 1.0;            ///< rounds are begun for so long; until it has been seen, where something must be
  double patience_s = 10.0;        ///< a round that takes longer hangs
  std::uint64_t most_work = 2000;  ///< units per round: short rounds start often, long ones wrap
  std::optional<std::uint64_t> only_round;  ///< replay: this round again and again
  bool slowed = false;  ///< by a sanitizer: few rounds need not show what must be seen, and a long one is no hang
  Clock clock{};
  Ticks skew = 0;
};

/// Who can see a failure here, as an expectation names them; the lock graph only where it is preloaded.
std::vector<std::string> detectors(bool lock_graph);

/// The fields of a record that only the child knows, as measure::run_trial gives them, and `failure` (null, or round, and the
/// history of the first round that failed as history_json writes it). `report` is called once; when threads are stuck, the
/// process leaves right after.
void run_stress(const Scenario& scenario, const StressPlan& plan,
                const std::function<void(const nlohmann::json&)>& report);

}  // namespace racetrack::stress
