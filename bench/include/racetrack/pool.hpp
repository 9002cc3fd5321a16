// The pool family: registry.add<racetrack::pool::Family, MyPool>("my_pool", {...}) registers every workload that the
// pool's traits and operations allow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <racetrack/pool/as_completed.hpp>
#include <racetrack/pool/contract.hpp>
#include <racetrack/pool/dependent_chain.hpp>
#include <racetrack/pool/fan_out.hpp>
#include <racetrack/pool/fork_join.hpp>
#include <racetrack/pool/idle.hpp>
#include <racetrack/pool/shutdown.hpp>
#include <racetrack/pool/wait_idle.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::pool {

/// Largest number of threads, and of submitters, that a user may choose.
inline constexpr std::uint64_t kMostThreads = 128;
/// Tasks per round for a pool that starts a thread for each task: all of them may exist at once.
inline constexpr std::uint64_t kMostThreadsPerTask = 256;

/// The workloads; the enumerators are their names in cases.
enum class Workload : std::uint8_t {
  fan_out,
  as_completed,
  fork_join,
  dependent_chain,
  uneven,
  submit_from_many,
  shutdown,
  wait_idle,
  idle
};

/// A family that consists of the given workloads. `kTimed` states whether its rounds are also compiled for timing.
/// Workloads that are not listed are not compiled.
template <bool kTimed, Workload... kWorkloads>
struct Workloads {
  using Traits = pool::Traits;

  template <class Pool>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    static_assert(
        PoolOf<Pool>,
        "a pool needs a constructor from its number of threads, and submit(function), which returns something "
        "with get()");
    const Describer<Pool> describer{registry, std::string(name), traits, expectation, standing};
    if constexpr (has(Workload::fan_out)) describer.add_fan_out();
    if constexpr (has(Workload::as_completed)) describer.add_as_completed();
    if constexpr (has(Workload::fork_join)) {
      if (HasGroups<Pool> || traits.nested) describer.add_fork_join();
    }
    if constexpr (has(Workload::dependent_chain)) describer.add_dependent_chain();
    if constexpr (has(Workload::uneven)) describer.add_uneven();
    if constexpr (has(Workload::submit_from_many)) describer.add_submit_from_many();
    if constexpr (has(Workload::shutdown) && (Drains<Pool> || Cancels<Pool>)) describer.add_shutdown();
    if constexpr (has(Workload::wait_idle) && WaitsIdle<Pool>) describer.add_wait_idle();
    if constexpr (has(Workload::idle)) {
      if (!traits.thread_per_task) describer.add_idle();
    }
  }

 private:
  using Values = std::vector<std::string>;
  static constexpr bool has(Workload workload) noexcept { return ((workload == kWorkloads) || ...); }

  template <class Pool>
  struct Describer {
    Registry& registry;
    std::string name;
    Traits traits;
    Expectation expectation;
    Standing standing;

    void add_fan_out() const {
      Scenario scenario = base("fan_out");
      scenario.axes = {threads(), grain(traits.thread_per_task ? Values{"10000"} : Values{"1000", "10000"}), results()};
      scenario.stressed = HasGroups<Pool>;  // submit_from_many is harder on futures
      finish<FanOut>(std::move(scenario));
    }
    void add_as_completed() const {
      Scenario scenario = base("as_completed");
      // The default is the lecture's: ThreadPoolExecutor(3).
      scenario.axes = {threads(3), grain(traits.thread_per_task ? Values{} : Values{"10000"})};
      scenario.stressed = false;
      finish<AsCompleted>(std::move(scenario));
    }
    void add_fork_join() const {
      Scenario scenario = base("fork_join");
      scenario.axes = {threads(), HasGroups<Pool> ? grain({"1000"}) : grain({})};
      scenario.explored_work = 5;  // fib(3): two nested forks, for two threads
      finish<ForkJoin>(std::move(scenario));
    }
    void add_dependent_chain() const {
      Scenario scenario = base("dependent_chain");
      scenario.axes = {threads(), grain({})};
      scenario.stressed = false;
      finish<DependentChain>(std::move(scenario));
    }
    void add_uneven() const {
      Scenario scenario = base("uneven");
      scenario.axes = {
          threads(), grain({}), results(), {.name = "skew", .defaults = {"64"}, .full = {"64"}, .largest = 10'000}};
      scenario.stressed = false;
      finish<FanOut>(std::move(scenario));
    }
    void add_submit_from_many() const {
      Scenario scenario = base("submit_from_many");
      scenario.axes = {
          threads(), {.name = "submitters", .defaults = {"2"}, .full = {"2", "4"}, .largest = kMostThreads}, grain({})};
      finish<FanOut>(std::move(scenario));
    }
    void add_shutdown() const {
      Values modes;
      if (Drains<Pool>) modes.emplace_back(kDrain);
      if (Cancels<Pool>) modes.emplace_back(kCancel);
      Scenario scenario = base("shutdown");
      scenario.axes = {threads(),
                       {.name = "submitters", .defaults = {"2"}, .full = {"2"}, .largest = kMostThreads},
                       grain({}),
                       {.name = "mode", .defaults = modes, .full = modes, .words = modes}};
      finish<Shutdown>(std::move(scenario));
    }
    void add_wait_idle() const requires WaitsIdle<Pool> {
      Scenario scenario = base("wait_idle");
      scenario.axes = {
          threads(), {.name = "submitters", .defaults = {"2"}, .full = {"2"}, .largest = kMostThreads}, grain({})};
      finish<WaitIdle>(std::move(scenario));
    }
    void add_idle() const {
      Scenario scenario = base("idle");
      scenario.axes = {threads(), {.name = "pause_ms", .defaults = {"20"}, .full = {"20", "100"}, .largest = 2'000}};
      scenario.unit = "pause";
      scenario.least_work = 1;
      scenario.most_work = 8;
      scenario.explored_work = 0;  // not explored: it measures time, which is virtual in the explorer
      scenario.stressed = false;
      finish<Idle>(std::move(scenario));
    }

   private:
    [[nodiscard]] Scenario base(std::string workload) const {
      Scenario scenario;
      scenario.family = "pool";
      scenario.workload = std::move(workload);
      scenario.subject = name;
      scenario.standing = standing;
      scenario.expectation = expectation;
      scenario.traits = to_list<Pool>(traits);
      scenario.oracles = {"exactly_once", "futures"};
      scenario.unit = "task";
      scenario.pinned = false;
      scenario.lasting_threads = traits.lasting_workers;
      if (traits.thread_per_task) scenario.most_work = kMostThreadsPerTask;
      return scenario;
    }

    template <template <class, class> class Rounds>
    void finish(Scenario scenario) const {
      scenario.make_round = [traits = traits](const RoundPlan& plan) -> std::unique_ptr<Round> {
        switch (plan.probe) {
          case ProbeKind::throughput:
            if constexpr (kTimed) return std::make_unique<Rounds<Pool, ThroughputProbe>>(plan, traits);
            break;
          case ProbeKind::latency: break;
          case ProbeKind::history: return std::make_unique<Rounds<Pool, HistoryProbe>>(plan, traits);
        }
        throw std::invalid_argument("the workload has no such probe");
      };
      registry.add(std::move(scenario));
    }

    /// Values from 1 to twice the number of processors, and the default.
    [[nodiscard]] Axis threads(std::uint64_t by_default = 2) const {
      if (traits.thread_per_task) return {.name = "threads", .defaults = {"2"}, .full = {"2"}, .largest = 2};
      const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
      Values full;
      for (const std::uint64_t count : std::set<std::uint64_t>{1, 2, cores, 2 * cores, by_default})
        full.push_back(std::to_string(count));
      return {.name = "threads",
              .defaults = {std::to_string(by_default)},
              .full = std::move(full),
              .stress = {"2"},
              .explore = {"2"},
              .largest = kMostThreads};
    }
    /// The length of a task in nanoseconds. Without defaults, the workload runs only in the full sweep and under
    /// stress.
    static Axis grain(Values defaults) {
      return {.name = "grain_ns",
              .defaults = std::move(defaults),
              .full = {"10", "100", "1000", "10000", "100000", "1000000"},
              .stress = {"100"},
              .explore = {"10"},
              .largest = 100'000'000};
    }
    /// By default, results are collected in a group if the pool has groups, otherwise through futures.
    static Axis results() {
      if (!HasGroups<Pool>) return {.name = "results", .defaults = {kFuture}, .full = {kFuture}, .words = {kFuture}};
      return {.name = "results", .defaults = {kGroup}, .full = {kFuture, kGroup}, .words = {kFuture, kGroup}};
    }
  };
};

/// Every workload, timed.
using Family =
    Workloads<true, Workload::fan_out, Workload::as_completed, Workload::fork_join, Workload::dependent_chain,
              Workload::uneven, Workload::submit_from_many, Workload::shutdown, Workload::wait_idle, Workload::idle>;
/// For known-bad pools and their corrected twins: one workload, under stress only.
template <Workload kWorkload>
using Control = Workloads<false, kWorkload>;

}  // namespace racetrack::pool
