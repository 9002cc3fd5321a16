// The point family: the cost of reading and writing two coordinates atomically, and the faults that appear without
// synchronisation.
// Register a Point with registry.add<racetrack::point::Family, MyPoint>("my_point", {...}).
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <racetrack/point/contract.hpp>
#include <racetrack/point/read_write.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::point {

/// Largest number of threads that a user may choose.
inline constexpr std::uint64_t kMostThreads = 128;

/// Registers the workload `read_write` for a Point.
struct Family {
  using Traits = point::Traits;

  template <PointOf Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    Scenario scenario;
    scenario.family = "point";
    scenario.workload = "read_write";
    scenario.subject = name;
    scenario.standing = standing;
    scenario.expectation = expectation;
    scenario.traits = to_list(traits, sizeof(CoordinateOf<Subject>), sizeof(Subject));
    scenario.axes = {{.name = "threads", .defaults = {"2"}, .full = {"1", "2", "4"}, .largest = kMostThreads},
                     {.name = "read_share",
                      .defaults = {"90"},
                      .full = {"50", "90", "99"},
                      .stress = {"50"},
                      .smallest = 0,
                      .largest = Mix::kLength}};
    scenario.counters = {"reads", "writes", "torn_reads"};
    scenario.latencies = {"write", "read"};
    scenario.latency_rounds = true;
    scenario.unit = "operation";
    scenario.least_work = 2 * Mix::kLength;
    // Every written value is distinct and fits a coordinate.
    scenario.most_work = std::min<std::uint64_t>(
        scenario.most_work, static_cast<std::uint64_t>(std::numeric_limits<CoordinateOf<Subject>>::max()) / 2);
    scenario.make_round = [](const RoundPlan& plan) -> std::unique_ptr<Round> {
      switch (plan.probe) {
        case ProbeKind::throughput: return std::make_unique<ReadWrite<Subject, ThroughputProbe>>(plan);
        case ProbeKind::latency: return std::make_unique<ReadWrite<Subject, LatencyProbe>>(plan);
        case ProbeKind::history: return std::make_unique<ReadWrite<Subject, HistoryProbe>>(plan);
      }
      throw std::invalid_argument("the workload has no such probe");
    };
    registry.add(std::move(scenario));
  }
};

}  // namespace racetrack::point
