// Requirements on every queue subject, checked for one plugin: `queue_subject_test PLUGIN.so [GoogleTest flags]`. The
// tests reach the subjects through their registration, as the harness does, so that both run the same code.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <racetrack/queue.hpp>

#include "../plugin_under_test.hpp"
#include "oracle/expectation.hpp"
#include "oracle/judge.hpp"

namespace racetrack {
namespace {

constexpr std::uint64_t kItems = 300;
constexpr std::uint64_t kTrips = 50;  // each may take two time slices
constexpr std::size_t kMostThreadsTogether = 4;

/// All combinations of the scenario's full values that the subject accepts and this test has time for.
std::vector<Parameters> cases_of(const Scenario& scenario) {
  std::vector<Parameters> cases = full_cases(scenario);
  std::erase_if(cases, [&](const Parameters& params) {
    const std::uint64_t threads = params.number("producers") + params.number("consumers") + params.number("workers");
    // When more threads than processors spin for each other, they wait for whole time slices: one size is enough.
    const bool starved = params.has("wait") && params.text("wait") == "spin" && threads > 2;
    return scenario.refuse(params).has_value() || threads > kMostThreadsTogether ||
           (starved && (threads != 4 || params.number("payload") != 8)) ||
           params.number("rate_per_s", 1'000'000) < 1'000'000;  // slower rates only wait longer
  });
  return cases;
}

std::string replay(const Scenario& scenario, const Parameters& params) { return "in " + scenario.case_name(params); }

class Subject : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] const Scenario& scenario() const { return scenarios()[GetParam()]; }

  void expect_clean(const Parameters& params, const Verdict& verdict) const {
    if (verdict.result == Result::pass || oracle::as_expected(scenario().expectation, verdict)) return;
    ADD_FAILURE() << verdict.detector << " reports " << verdict.kind << ": " << verdict.witness << '\n'
                  << replay(scenario(), params);
  }

  /// Exits the process, because a subject's threads that do not return still use it.
  [[noreturn]] void die_stuck(const Parameters& params, const load::RoundRunner::Stuck& stuck) const {
    std::cerr << stuck.what << ' ' << replay(scenario(), params) << std::endl;
    std::_Exit(EXIT_FAILURE);
  }
};

/// Whether push and pop have only a blocking form.
bool only_blocks(const Parameters& params) { return params.text("wait") == "block"; }

/// Returns how many of at most `at_most` items fit into a new queue from which nothing is taken. Then takes them out
/// again when pop can report empty.
std::uint64_t fill(const Scenario& transfer, const Parameters& params, std::uint64_t at_most) {
  StopFlag stop;
  stop.raise();  // the first failed attempt is the last
  RoundPlan plan;
  plan.params = params;
  plan.probe = ProbeKind::history;
  plan.stamped = false;
  plan.work = at_most;
  plan.stop = &stop;
  const std::unique_ptr<Round> round = transfer.make_round(plan);
  ThreadLog log;
  log.counts.resize(transfer.counters.size());
  log.latencies.resize(transfer.latencies.size());
  log.operations.reserve(4 * at_most + 1024);
  round->run(0, log);
  const auto pushed = std::count_if(log.operations.begin(), log.operations.end(),
                                    [](const Operation& operation) { return operation.outcome == Outcome::ok; });
  const auto before = static_cast<std::ptrdiff_t>(log.operations.size());
  round->settle(log);
  const auto popped = std::count_if(log.operations.begin() + before, log.operations.end(),
                                    [](const Operation& operation) { return operation.outcome == Outcome::ok; });
  EXPECT_EQ(only_blocks(params) ? 0 : pushed, popped) << replay(transfer, params);
  return static_cast<std::uint64_t>(pushed);
}

TEST_P(Subject, KeepsEveryOracleSatisfiedInEveryCase) {
  const std::uint64_t work = scenario().workload == "round_trip" ? kTrips : kItems;
  for (const Parameters& params : cases_of(scenario())) {
    load::RoundRunner runner = make_runner(scenario(), params);
    try {
      for (const bool stamped : {true, false}) {
        const load::RoundOutcome outcome = runner.run(ProbeKind::history, work, 1, stamped);
        EXPECT_FALSE(outcome.stopped) << replay(scenario(), params);
        expect_clean(params, outcome.check);
        expect_clean(params, oracle::judge(scenario().oracles, outcome.history));
      }
      expect_clean(params, runner.run(ProbeKind::throughput, work, 1).check);
      if (scenario().latency_rounds) expect_clean(params, runner.run(ProbeKind::latency, work, 1).check);
    } catch (const load::RoundRunner::Stuck& stuck) {
      die_stuck(params, stuck);
    }
  }
}

const Axis* axis_of(const Scenario& scenario, std::string_view name) {
  for (const Axis& axis : scenario.axes) {
    if (axis.name == name) return &axis;
  }
  return nullptr;
}

std::uint64_t declared_capacity(const Scenario& scenario, const Parameters& params) {
  for (const auto& [name, value] : scenario.case_traits(params)) {
    if (name == "capacity_actual") return static_cast<std::uint64_t>(std::get<std::int64_t>(value));
  }
  return 0;
}

TEST(Plugin, HoldsExactlyItsDeclaredCapacity) {
  for (const Scenario& scenario : scenarios()) {
    if (scenario.workload != "transfer" || axis_of(scenario, "capacity")->largest == 0) continue;
    Parameters params;
    for (const Axis& axis : scenario.axes) params.set(axis.name, axis.full.front());
    for (const std::string& payload : axis_of(scenario, "payload")->full) {
      params.set("payload", payload);
      for (const std::uint64_t requested :
           {1U, 2U, 3U, 5U, 7U, 8U, 63U, 64U, 65U, 100U, 511U, 512U, 1023U, 1024U, 1025U, 4096U, 5000U}) {
        params.set("capacity", std::to_string(requested));
        if (scenario.refuse(params)) continue;
        const std::uint64_t declared = declared_capacity(scenario, params);
        EXPECT_GE(declared, requested) << replay(scenario, params);
        // When push can only block, one item more than the capacity would block without end.
        const std::uint64_t more = only_blocks(params) ? 0 : 3;
        EXPECT_EQ(fill(scenario, params, declared + more), declared) << replay(scenario, params);
      }
    }
  }
}

TEST(Plugin, NamesItsLibrariesWithTheirVersions) {
  for (const Scenario& scenario : scenarios()) {
    const auto trait = std::find_if(scenario.traits.begin(), scenario.traits.end(),
                                    [](const auto& one) { return one.first == "library"; });
    ASSERT_NE(trait, scenario.traits.end()) << scenario.name();
    const auto& library = std::get<std::string>(trait->second);
    const bool versioned = std::any_of(library.begin(), library.end(), [](char c) { return c >= '0' && c <= '9'; });
    EXPECT_TRUE(versioned || library == "racetrack") << scenario.name() << ": " << library;
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Subject, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
