// The spawn family: the cost of starting a thread or process and waiting for its end, and whether the end is reported
// correctly.
//   registry.add<racetrack::spawn::Threads, MyStarter>("my_starter", {.library = "mine 1.0"});
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <racetrack/plugin_folder.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>
#include <racetrack/spawn/ballast.hpp>
#include <racetrack/spawn/endless.hpp>
#include <racetrack/spawn/process_start.hpp>
#include <racetrack/spawn/thread_start.hpp>

namespace racetrack::spawn {

/// Largest memory that a user may ask a parent process to hold, in MiB.
inline constexpr std::uint64_t kMostMebibytes = std::uint64_t{1} << 20;

/// The declared properties of a starter. Every table shows them.
struct Traits {
  std::string library = "racetrack";  ///< package or project, with its version
  std::string call;                   ///< the call that creates the thread or process: pthread_create, fork, ...
  /// processes: memory in MiB that the parent holds, in the default sweep
  std::vector<std::string> resident_mib = {"1"};
};

/// Returns the properties that the workloads `thread` and `process` share.
inline Scenario start_scenario(std::string workload, std::string_view name, const Traits& traits,
                               const Expectation& expectation, Standing standing) {
  Scenario scenario;
  scenario.family = "spawn";
  scenario.workload = std::move(workload);
  scenario.subject = name;
  scenario.standing = standing;
  scenario.expectation = expectation;
  scenario.traits = {{"library", traits.library}, {"call", traits.call}};
  scenario.axes = {starters_axis()};
  scenario.oracles = {"exactly_once"};
  scenario.latencies = {"start", "running", "join"};
  scenario.latencies_cross_cores = true;
  scenario.unit = "start";
  scenario.least_work = 4;
  scenario.explored_work = 0;  // not explored: processes, and thread creation inside the system
  return scenario;
}

/// Registers `thread`: registry.add<racetrack::spawn::Threads, MyStarter>("my_starter", {...}).
struct Threads {
  using Traits = spawn::Traits;

  template <ThreadStarter Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    Scenario scenario = start_scenario("thread", name, traits, expectation, standing);
    scenario.most_work = 100'000;
    scenario.make_round = [](const RoundPlan& plan) -> std::unique_ptr<Round> {
      switch (plan.probe) {
        case ProbeKind::throughput: return std::make_unique<ThreadStart<Subject, ThroughputProbe>>(plan);
        case ProbeKind::latency: break;
        case ProbeKind::history: return std::make_unique<ThreadStart<Subject, HistoryProbe>>(plan);
      }
      throw std::invalid_argument("the workload has no such probe");
    };
    registry.add(std::move(scenario));
  }
};

/// Registers `process`: registry.add<racetrack::spawn::Processes, MyStarter>("my_starter", {...}).
struct Processes {
  using Traits = spawn::Traits;

  template <ProcessStarter Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    Scenario scenario = start_scenario("process", name, traits, expectation, standing);
    scenario.axes.push_back({.name = "resident_mib",
                             .defaults = traits.resident_mib,
                             .full = {"1", "64", "1024"},
                             .stress = {"1"},
                             .largest = kMostMebibytes});
    scenario.most_work = 32;  // a fork of a large process takes milliseconds
    scenario.refuse =
        [program = program_in_plugin_folder(kChildProgram)](const Parameters& params) -> std::optional<std::string> {
      if (program.empty()) return "needs the program " + std::string(kChildProgram) + " in the plugin's folder";
      return refuse_ballast(params.number("resident_mib", 1));
    };
    scenario.make_round = [room = std::make_shared<BallastRoom>(), program = program_in_plugin_folder(kChildProgram)](
                              const RoundPlan& plan) -> std::unique_ptr<Round> {
      room->hold(plan.params.number("resident_mib", 1));
      switch (plan.probe) {
        case ProbeKind::throughput: return std::make_unique<ProcessStart<Subject, ThroughputProbe>>(plan, program);
        case ProbeKind::latency: break;
        case ProbeKind::history: return std::make_unique<ProcessStart<Subject, HistoryProbe>>(plan, program);
      }
      throw std::invalid_argument("the workload has no such probe");
    };
    registry.add(std::move(scenario));
  }
};

/// Registers `endless`: registry.add<racetrack::spawn::Endless, MyProgram>("my_program", {...}).
struct Endless {
  struct Traits {
    std::string library = "racetrack";  ///< package or project, with its version
    std::string call;                   ///< how it waits for the time of the next line
    bool in_default_sweep = true;       ///< false: only under stress and in the full sweep
  };

  template <EndlessProgram Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    Scenario scenario;
    scenario.family = "spawn";
    scenario.workload = "endless";
    scenario.subject = name;
    scenario.standing = standing;
    scenario.expectation = expectation;
    scenario.traits = {{"library", traits.library}, {"call", traits.call}};
    scenario.axes = {{.name = "interval_us",
                      .defaults = {"1000"},
                      .full = {"1000", "10000"},
                      .stress = {"1000"},
                      .largest = 100'000}};
    if (!traits.in_default_sweep) scenario.axes.front().defaults.clear();
    scenario.latencies = {"lateness"};
    scenario.unit = "line";
    scenario.least_work = 8;
    scenario.explored_work = 0;
    scenario.most_work = 50;  // the program prints one line per interval
    scenario.refuse = [](const Parameters&) -> std::optional<std::string> {
      const std::string program = Subject().command(1).front();
      if (!program.empty()) return std::nullopt;
      return "needs its program in the plugin's folder";
    };
    scenario.make_round = [](const RoundPlan& plan) { return std::make_unique<EndlessRound<Subject>>(plan); };
    registry.add(std::move(scenario));
  }
};

}  // namespace racetrack::spawn
