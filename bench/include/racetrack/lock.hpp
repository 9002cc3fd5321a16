// The lock family: programs that take several locks, wait for each other or misuse a lock, and whether they can
// deadlock.
// Register a program with registry.add<racetrack::lock::Family, MyProgram>("my_program", {.workload = "two_locks"}).
#pragma once

#include <memory>
#include <stdexcept>
#include <string_view>

#include <racetrack/expectations.hpp>
#include <racetrack/lock/contract.hpp>
#include <racetrack/lock/mutual_exclusion.hpp>
#include <racetrack/lock/steps.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::lock {

/// Registers the program under the workload that its traits name. Throws std::invalid_argument when they name none.
struct Family {
  using Traits = lock::Traits;

  template <Program Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    if (traits.workload.empty()) throw std::invalid_argument("lock family: name the workload of " + std::string(name));
    Scenario scenario;
    scenario.family = "lock";
    scenario.workload = traits.workload;
    scenario.subject = name;
    scenario.standing = standing;
    scenario.expectation = expectation;
    scenario.traits = {{"library", traits.library}, {"threads", static_cast<std::int64_t>(Subject::kThreads)}};
    scenario.unit = "step";
    scenario.least_work = 8 * Subject::kThreads;
    scenario.most_work = traits.most_steps;
    scenario.explored_work = 2 * Subject::kThreads;
    scenario.make_round = [](const RoundPlan& plan) -> std::unique_ptr<Round> {
      switch (plan.probe) {
        case ProbeKind::throughput: return std::make_unique<Steps<Subject, ThroughputProbe>>(plan);
        case ProbeKind::latency: break;
        case ProbeKind::history: return std::make_unique<Steps<Subject, HistoryProbe>>(plan);
      }
      throw std::invalid_argument("the workload has no such probe");
    };
    registry.add(std::move(scenario));
  }
};

}  // namespace racetrack::lock
