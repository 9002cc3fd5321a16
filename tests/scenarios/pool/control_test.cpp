// Requirements on every control of the pool family, checked for one plugin: `pool_control_test PLUGIN.so [GoogleTest
// flags]`. The fault of a faulty pool is found. Its corrected twin satisfies every oracle.
#include <cstdint>

#include <gtest/gtest.h>

#include <racetrack/pool.hpp>

#include "../control_under_test.hpp"

namespace racetrack {
namespace {

constexpr std::uint64_t kTasks = 200;

class Control : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Scenario& scenario() { return scenarios()[GetParam()]; }
  /// A control has one case.
  [[nodiscard]] static Parameters only_case() { return full_cases(scenario()).front(); }
};

TEST_P(Control, IsAControlInOneCase) {
  EXPECT_EQ(scenario().standing, Standing::control);
  EXPECT_EQ(full_cases(scenario()).size(), 1U);
}

TEST_P(Control, PassesIfItIsCorrected) {
  if (!scenario().expectation.empty()) GTEST_SKIP() << "faulty";
  load::RoundRunner runner = make_runner(scenario(), only_case());
  for (std::uint64_t round = 0; round < 50; ++round) {
    const load::RoundOutcome outcome = runner.run(ProbeKind::history, kTasks, round, round % 2 == 0);
    EXPECT_FALSE(outcome.stopped);
    EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.witness;
    const Verdict verdict = oracle::judge(scenario().oracles, outcome.history);
    EXPECT_EQ(verdict.result, Result::pass) << verdict.kind << ": " << verdict.witness;
  }
}

TEST_P(Control, ShowsItsFaultIfItIsFaulty) {
  const Harm harm = expected_harm(scenario());
  if (harm == Harm::none) GTEST_SKIP() << "corrected";
  if (harm == Harm::stalled) GTEST_SKIP() << "needs perturbed locks: tests/bench/host/test_pools.py";
  EXPECT_EQ(provoke(scenario(), only_case()), harm);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Control, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
