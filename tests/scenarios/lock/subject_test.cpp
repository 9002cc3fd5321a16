// Requirements on every program of the lock family, checked for one plugin: `lock_subject_test PLUGIN.so [GoogleTest
// flags]`. Correct programs end with a passing verdict. The fault of every control is found.
#include <algorithm>
#include <cstdint>

#include <gtest/gtest.h>

#include <racetrack/lock.hpp>

#include "../control_under_test.hpp"

namespace racetrack {
namespace {

constexpr std::uint64_t kSteps = 300;

class Subject : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Scenario& scenario() { return scenarios()[GetParam()]; }
};

TEST_P(Subject, PassesUnlessItIsAControl) {
  if (scenario().standing == Standing::control) GTEST_SKIP() << "a control";
  for (const Parameters& params : full_cases(scenario())) {
    load::RoundRunner runner = make_runner(scenario(), params);
    for (const ProbeKind probe : {ProbeKind::history, ProbeKind::throughput}) {
      for (std::uint64_t round = 0; round < 20; ++round) {
        const load::RoundOutcome outcome = runner.run(probe, std::min(kSteps, scenario().most_work), round);
        EXPECT_FALSE(outcome.stopped) << scenario().case_name(params);
        EXPECT_GT(outcome.work, 0U) << scenario().case_name(params);
        EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.witness;
        if (probe != ProbeKind::history) continue;
        const Verdict verdict = oracle::judge(scenario().oracles, outcome.history);
        EXPECT_EQ(verdict.result, Result::pass) << verdict.kind << ": " << verdict.witness;
      }
    }
  }
}

TEST_P(Subject, ShowsItsFaultIfItIsAFaultyControl) {
  const Harm harm = expected_harm(scenario());
  if (harm == Harm::none) GTEST_SKIP() << "rounds alone show no fault";
  EXPECT_EQ(provoke(scenario(), {}), harm);
}

TEST_P(Subject, IsAControlExactlyWhenItHasAFault) {
  const auto& expectation = scenario().expectation;
  const bool must = std::any_of(expectation.begin(), expectation.end(),
                                [](const Expected& expected) { return expected.grade == Grade::must; });
  EXPECT_EQ(must, scenario().standing == Standing::control);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Subject, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
