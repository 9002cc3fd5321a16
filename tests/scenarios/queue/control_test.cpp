// Requirements on every control of the queue family, checked for one plugin: `queue_control_test PLUGIN.so [GoogleTest
// flags]`. The fault of a faulty queue is found. Its corrected twin satisfies every oracle.
#include <cstdint>

#include <gtest/gtest.h>

#include <racetrack/queue.hpp>

#include "../control_under_test.hpp"

namespace racetrack {
namespace {

/// The case that the stress engine runs.
Parameters stressed_case(const Scenario& scenario) {
  Parameters params;
  for (const Axis& axis : scenario.axes) {
    params.set(axis.name, axis.stress.empty() ? axis.defaults.front() : axis.stress.front());
  }
  return params;
}

class Control : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Scenario& scenario() { return scenarios()[GetParam()]; }
};

TEST_P(Control, IsAControlOnlyInTransferAndInOneCase) {
  EXPECT_EQ(scenario().standing, Standing::control);
  EXPECT_EQ(scenario().workload, "transfer");
  for (const Axis& axis : scenario().axes) EXPECT_TRUE(axis.name == "wait" || axis.full.size() == 1) << axis.name;
}

TEST_P(Control, PassesIfItIsCorrected) {
  if (!scenario().expectation.empty()) GTEST_SKIP() << "faulty";
  load::RoundRunner runner = make_runner(scenario(), stressed_case(scenario()));
  for (std::uint64_t round = 0; round < 20; ++round) {
    const load::RoundOutcome outcome = runner.run(ProbeKind::history, 300, round, round % 2 == 0);
    EXPECT_FALSE(outcome.stopped);
    EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.witness;
    const Verdict verdict = oracle::judge(scenario().oracles, outcome.history);
    EXPECT_EQ(verdict.result, Result::pass) << verdict.kind << ": " << verdict.witness;
  }
}

TEST_P(Control, ShowsItsFaultIfItIsFaulty) {
  const Harm harm = expected_harm(scenario());
  if (harm == Harm::none) GTEST_SKIP() << "rounds alone show no fault";
  EXPECT_EQ(provoke(scenario(), stressed_case(scenario())), harm);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Control, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
