// Requirements on every pool, checked for one plugin: `pool_subject_test PLUGIN.so [GoogleTest flags]`.
#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include <racetrack/pool.hpp>

#include "../plugin_under_test.hpp"
#include "oracle/judge.hpp"

namespace racetrack {
namespace {

constexpr std::uint64_t kTasks = 500;

/// Every case of the full sweep whose tasks have one of two lengths: the lengths in between test nothing more.
std::vector<Parameters> some_cases(const Scenario& scenario) {
  std::vector<Parameters> cases = full_cases(scenario);
  std::erase_if(cases, [](const Parameters& params) {
    return (params.has("grain_ns") && params.text("grain_ns") != "10" && params.text("grain_ns") != "10000") ||
           (params.has("pause_ms") && params.text("pause_ms") != "20");
  });
  return cases;
}

class Subject : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Scenario& scenario() { return scenarios()[GetParam()]; }
  [[nodiscard]] static std::uint64_t work() { return std::min(kTasks, scenario().most_work); }
};

TEST_P(Subject, RunsEveryTaskOnceAndCompletesItsFutureInEveryCase) {
  for (const Parameters& params : some_cases(scenario())) {
    load::RoundRunner runner = make_runner(scenario(), params);
    for (const bool stamped : {true, false}) {
      const load::RoundOutcome outcome = runner.run(ProbeKind::history, work(), 1, stamped);
      EXPECT_FALSE(outcome.stopped) << scenario().case_name(params);
      EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.witness << "\nin " << scenario().case_name(params);
      const Verdict verdict = oracle::judge(scenario().oracles, outcome.history);
      EXPECT_EQ(verdict.result, Result::pass)
          << verdict.kind << ": " << verdict.witness << "\nin " << scenario().case_name(params);
    }
  }
}

TEST_P(Subject, ReturnsCorrectResultsAndFiniteMeasurements) {
  for (const Parameters& params : some_cases(scenario())) {
    load::RoundRunner runner = make_runner(scenario(), params);
    const load::RoundOutcome outcome = runner.run(ProbeKind::throughput, work(), 1);
    EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.witness << "\nin " << scenario().case_name(params);
    EXPECT_FALSE(outcome.measurements.empty()) << scenario().case_name(params);
    for (const auto& [name, value] : outcome.measurements) EXPECT_TRUE(std::isfinite(value)) << name;
  }
}

TEST_P(Subject, RecordsARunAndAResultOfEveryTask) {
  if (scenario().workload != "submit_from_many") GTEST_SKIP() << "checked in one workload";
  const load::RoundOutcome outcome =
      make_runner(scenario(), some_cases(scenario()).front()).run(ProbeKind::history, work(), 1);
  std::size_t pushes = 0, runs = 0, results = 0, thrown = 0;
  for (const auto& thread : outcome.history.threads) {
    for (const Operation& operation : thread) {
      pushes += operation.action == Action::push ? 1 : 0;
      runs += operation.action == Action::run ? 1 : 0;
      results += operation.action == Action::result ? 1 : 0;
      thrown += operation.action == Action::result && operation.outcome == Outcome::thrown ? 1 : 0;
    }
  }
  EXPECT_EQ(pushes, work());
  EXPECT_EQ(runs, work());
  EXPECT_EQ(results, work());
  EXPECT_EQ(thrown, (work() + 7) / 16);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Subject, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
