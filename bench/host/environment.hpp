// Facts about the machine that help to explain measured values.
#pragma once

#include <map>

#include <nlohmann/json.hpp>

#include <racetrack/clock.hpp>

#include "load/topology.hpp"

namespace racetrack::host {

/// Processor time in clock ticks since boot: in all, and the part that the hypervisor gave to others.
struct Steal {
  double stolen = 0, all = 0;
  static Steal read();
  /// Returns the same for each processor, by its number.
  static std::map<int, Steal> read_each();
};

/// Returns the `machine` object of an environment record. With `since`, steal_ratio covers the time since then, not
/// since boot. Without `clock`, the object has neither the clock's rate nor its skew.
nlohmann::json machine_facts(const load::Topology& topology, const Clock* clock, Ticks skew,
                             const Steal* since = nullptr);

/// Returns the `build` object of a record.
nlohmann::json build_json();

}  // namespace racetrack::host
