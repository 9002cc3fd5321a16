// Requirements on every client, checked for one plugin: `async_io_subject_test PLUGIN.so [GoogleTest flags]`. Uses the
// real server.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <racetrack/async_io.hpp>

#include "../control_under_test.hpp"

namespace racetrack {
namespace {

std::vector<Parameters> cases_of(const Scenario& scenario) {
  std::vector<Parameters> cases = full_cases(scenario);
  // A separate test makes a thousand requests at once, controls make one after the other, and longer delays test
  // nothing more.
  const std::uint64_t most = scenario.standing == Standing::control ? 10 : 100;
  std::erase_if(cases, [most](const Parameters& params) {
    return params.number("requests") > most || params.number("delay_ms", 1) != 1;
  });
  return cases;
}

bool must_fail(const Scenario& scenario) {
  return std::any_of(scenario.expectation.begin(), scenario.expectation.end(), [](const Expected& expected) {
    return expected.grade == Grade::must && expected.detector.starts_with("oracle");
  });
}

class Subject : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Scenario& scenario() { return scenarios()[GetParam()]; }
};

TEST_P(Subject, CompletesEveryRequestUnlessItIsAControl) {
  if (must_fail(scenario())) GTEST_SKIP() << "a control";
  for (const Parameters& params : cases_of(scenario())) {
    load::RoundRunner runner = make_runner(scenario(), params);
    for (const ProbeKind probe : {ProbeKind::history, ProbeKind::throughput}) {
      for (std::uint64_t round = 0; round < 3; ++round) {
        const load::RoundOutcome outcome = runner.run(probe, scenario().most_work, round);
        EXPECT_FALSE(outcome.stopped) << scenario().case_name(params);
        EXPECT_EQ(outcome.check.result, Result::pass)
            << scenario().case_name(params) << ": " << outcome.check.kind << ", " << outcome.check.witness;
        EXPECT_GE(outcome.work, std::min<std::uint64_t>(scenario().most_work, 2 * params.number("requests")));
      }
    }
  }
}

TEST_P(Subject, AThousandRequestsAreServed) {
  if (scenario().standing == Standing::control || scenario().workload != "gather") GTEST_SKIP() << "runs no gather";
  Parameters params;
  params.set("requests", "1000");
  params.set("delay_ms", "1");
  if (const auto refusal = scenario().refuse(params)) GTEST_SKIP() << *refusal;
  load::RoundRunner runner = make_runner(scenario(), params);
  const load::RoundOutcome outcome = runner.run(ProbeKind::throughput, 1, 1);
  EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.kind << ", " << outcome.check.witness;
  EXPECT_EQ(outcome.work, 2000U);
  const auto bytes = std::find_if(outcome.measurements.begin(), outcome.measurements.end(),
                                  [](const Measurement& each) { return each.first == "bytes_per_waiting_request"; });
  ASSERT_NE(bytes, outcome.measurements.end());
  EXPECT_GT(bytes->second, 0);
}

TEST_P(Subject, ShowsItsFaultIfItIsAFaultyControl) {
  if (!must_fail(scenario())) GTEST_SKIP() << "rounds alone show no fault";
  Parameters params;
  for (const Axis& axis : scenario().axes)
    params.set(axis.name, (axis.stress.empty() ? axis.defaults : axis.stress)[0]);
  EXPECT_EQ(provoke(scenario(), params), Harm::failed_check);
}

TEST_P(Subject, MoreRequestsThanDescriptorsAreRefusedByName) {
  Parameters params;
  params.set("requests", "1000000000");
  const auto refusal = scenario().refuse(params);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_NE(refusal->find("descriptors"), std::string::npos) << *refusal;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Subject, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
