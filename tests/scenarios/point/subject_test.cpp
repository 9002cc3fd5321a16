// Requirements on every Point, checked for one plugin: `point_subject_test PLUGIN.so [GoogleTest flags]`.
#include <gtest/gtest.h>

#include <racetrack/point.hpp>

#include "../plugin_under_test.hpp"
#include "oracle/expectation.hpp"
#include "oracle/judge.hpp"

namespace racetrack {
namespace {

constexpr std::uint64_t kOperations = 5000;

class Subject : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] const Scenario& scenario() const { return scenarios()[GetParam()]; }

  void expect_clean(const Parameters& params, const Verdict& verdict) const {
    EXPECT_TRUE(verdict.result == Result::pass || oracle::as_expected(scenario().expectation, verdict))
        << verdict.detector << " reports " << verdict.kind << ": " << verdict.witness << "\nin "
        << scenario().case_name(params);
  }
};

TEST_P(Subject, ReturnsOnlyPairsThatWereSetInEveryCase) {
  for (const Parameters& params : full_cases(scenario())) {
    load::RoundRunner runner = make_runner(scenario(), params);
    for (const bool stamped : {true, false}) {
      const load::RoundOutcome outcome = runner.run(ProbeKind::history, kOperations, 1, stamped);
      EXPECT_FALSE(outcome.stopped) << scenario().case_name(params);
      EXPECT_EQ(outcome.work, kOperations) << scenario().case_name(params);
      expect_clean(params, outcome.check);
      expect_clean(params, oracle::judge(scenario().oracles, outcome.history));
    }
    expect_clean(params, runner.run(ProbeKind::throughput, kOperations, 1).check);
    expect_clean(params, runner.run(ProbeKind::latency, kOperations, 1).check);
  }
}

TEST_P(Subject, OneThreadReadsItsLastWrite) {
  Parameters params;
  params.set("threads", "1");
  params.set("read_share", "50");
  const load::RoundOutcome outcome = make_runner(scenario(), params).run(ProbeKind::history, kOperations, 1);
  std::uint64_t written = 0;
  for (const Operation& operation : outcome.history.threads.front()) {
    if (operation.action == Action::write) {
      written = operation.value;
    } else {
      EXPECT_EQ(operation.value, written);
    }
  }
  EXPECT_NE(written, 0U);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Subject, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
