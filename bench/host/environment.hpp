// Facts of the machine that explain a number.
#pragma once

#include <nlohmann/json.hpp>

#include <racetrack/clock.hpp>

#include "load/topology.hpp"

namespace racetrack::host {

/// Share of processor time that the hypervisor gave to others, since boot.
struct Steal {
  double stolen = 0, all = 0;
  static Steal read();
};

/// The `machine` object of an environment record. `since`: steal_ratio is of the time since then, not since boot.
nlohmann::json machine_facts(const load::Topology& topology, const Clock& clock, Ticks skew,
                             const Steal* since = nullptr);

/// The `build` object of a record.
nlohmann::json build_json();

}  // namespace racetrack::host
