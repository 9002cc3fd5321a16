// Finds out whether other work on the machine disturbed a fork.
#pragma once

#include <map>

#include <nlohmann/json.hpp>

#include "host/environment.hpp"

namespace racetrack::host {

/// A fork is disturbed when a thread waited for a processor in a larger part of its timed rounds (measure::kMostWait
/// says how long a wait counts). The report's value is the median of the rounds, which a few of them do not change.
inline constexpr double kMostDisturbedRounds = 0.25;
/// Or when the hypervisor took a larger part of the time of its processors, at least this many ticks.
inline constexpr double kMostSteal = 0.02, kFewestStolenTicks = 2;

/// Watches the processors while one fork runs. Create it before the fork starts.
class Disturbance {
 public:
  Disturbance() : before_(Steal::read_each()) {}

  /// Call it when the fork has ended. Adds steal_ratio to the metrics of a checked answer with metrics. Returns whether
  /// the fork was disturbed. The waits count only if each thread was pinned to a different processor: threads that
  /// share a processor wait for each other.
  bool judge(nlohmann::json& answer) const;

 private:
  std::map<int, Steal> before_;
};

}  // namespace racetrack::host
