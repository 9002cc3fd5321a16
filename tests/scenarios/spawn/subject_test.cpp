// Requirements on every starter of the spawn family, checked for one plugin: `spawn_subject_test PLUGIN.so [GoogleTest
// flags]`. Correct starters pass and leave no child behind. The fault of every control is found.
#include <cerrno>
#include <cstdint>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <racetrack/spawn.hpp>

#include "../control_under_test.hpp"

namespace racetrack {
namespace {

constexpr std::uint64_t kStarts = 40;

class Subject : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Scenario& scenario() { return scenarios()[GetParam()]; }
  /// Small parents and short intervals. Another test covers the memory that a parent holds.
  [[nodiscard]] static Parameters small(std::uint64_t starters) {
    Parameters params;
    for (const Axis& axis : scenario().axes) {
      params.set(axis.name, axis.name == "starters" ? std::to_string(starters) : axis.full.front());
    }
    return params;
  }
  [[nodiscard]] static bool is_faulty() {
    return std::any_of(scenario().expectation.begin(), scenario().expectation.end(),
                       [](const Expected& expected) { return expected.grade == Grade::must; });
  }
};

TEST_P(Subject, RunsEveryBodyOnceAndReportsHowItEnded) {
  if (is_faulty()) GTEST_SKIP() << "a control with a fault";
  for (const std::uint64_t starters : {1U, 2U}) {
    load::RoundRunner runner = make_runner(scenario(), small(starters));
    for (const ProbeKind probe : {ProbeKind::history, ProbeKind::throughput}) {
      for (const bool stamped : {true, false}) {
        const std::uint64_t starts = std::min(kStarts, scenario().most_work);
        const load::RoundOutcome outcome = runner.run(probe, starts, 1, stamped);
        EXPECT_EQ(outcome.work, starts);
        EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.witness;
        const Verdict verdict = oracle::judge(scenario().oracles, outcome.history);
        EXPECT_EQ(verdict.result, Result::pass) << verdict.kind << ": " << verdict.witness;
      }
    }
  }
}

TEST_P(Subject, LeavesNoChild) {
  make_runner(scenario(), small(2)).run(ProbeKind::throughput, 8, 1);
  siginfo_t info{};
  EXPECT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_P(Subject, MeasuresEveryLatencyOnceForEachUnitOfWork) {
  if (is_faulty()) GTEST_SKIP() << "a control with a fault";
  load::RoundRunner runner = make_runner(scenario(), small(1));
  const load::RoundOutcome outcome = runner.run(ProbeKind::throughput, 16, 1);
  for (const Histogram& histogram : runner.latencies()) EXPECT_EQ(histogram.count(), outcome.work);
}

TEST_P(Subject, ShowsItsFaultIfItIsAFaultyControl) {
  const Harm harm = expected_harm(scenario());
  if (harm == Harm::none) GTEST_SKIP() << "it has no fault";
  EXPECT_EQ(provoke(scenario(), small(2)), harm);
}

TEST_P(Subject, ReportsTheMemoryItNeedsWhenThereIsTooLittle) {
  if (scenario().workload != "process") GTEST_SKIP() << "holds no memory";
  Parameters params = small(1);
  params.set("resident_mib", std::to_string(spawn::kMostMebibytes));
  const auto refusal = scenario().refuse(params);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_NE(refusal->find("MiB are available"), std::string::npos) << *refusal;
  EXPECT_FALSE(scenario().refuse(small(1)).has_value());
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Subject, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
