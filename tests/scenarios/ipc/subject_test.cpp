// Requirements on every channel of the ipc family, checked for one plugin: `ipc_subject_test PLUGIN.so [GoogleTest
// flags]`. All items arrive in order. When one process is killed, the other is notified. No process, descriptor or
// shared object remains.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <racetrack/ipc.hpp>

#include "../control_under_test.hpp"

namespace racetrack {
namespace {

constexpr std::uint64_t kItems = 3000;

std::set<std::string> open_descriptors() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) names.insert(entry.path().filename());
  return names;
}

std::set<std::string> shared_objects() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
    const std::string name = entry.path().filename();
    if (name.find("racetrack-" + std::to_string(getpid())) != std::string::npos) names.insert(name);
  }
  return names;
}

class Subject : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Scenario& scenario() { return scenarios()[GetParam()]; }
  [[nodiscard]] static bool is_control() { return scenario().standing == Standing::control; }
  [[nodiscard]] static Parameters small() {
    Parameters params;
    for (const Axis& axis : scenario().axes) params.set(axis.name, axis.stress.front());
    return params;
  }
};

TEST_P(Subject, PassesItemsCompleteAndInOrder) {
  if (is_control()) GTEST_SKIP() << "a control";
  for (const Parameters& params : full_cases(scenario())) {
    load::RoundRunner runner = make_runner(scenario(), params);
    for (const ProbeKind probe : {ProbeKind::history, ProbeKind::throughput}) {
      for (const bool stamped : {true, false}) {
        const std::uint64_t work = std::min(kItems, scenario().most_work);
        const load::RoundOutcome outcome = runner.run(probe, work, 1, stamped);
        EXPECT_FALSE(outcome.stopped) << scenario().case_name(params);
        EXPECT_EQ(outcome.work, work) << scenario().case_name(params);
        EXPECT_EQ(outcome.check.result, Result::pass) << outcome.check.witness;
        const Verdict verdict = oracle::judge(scenario().oracles, outcome.history);
        EXPECT_EQ(verdict.result, Result::pass) << verdict.kind << ": " << verdict.witness;
      }
    }
  }
}

TEST_P(Subject, RecordsTheOperationsOfBothProcesses) {
  if (is_control() || scenario().workload == "peer_killed") GTEST_SKIP() << "has no history";
  const std::uint64_t work = 100;
  const load::RoundOutcome outcome = make_runner(scenario(), small()).run(ProbeKind::history, work, 1);
  std::uint64_t pushes = 0, pops = 0;
  for (const auto& thread : outcome.history.threads) {
    for (const Operation& operation : thread) {
      EXPECT_LE(operation.invoked, operation.returned);
      ++(operation.action == Action::push ? pushes : pops);
    }
  }
  const std::uint64_t each_way = scenario().workload == "round_trip" ? 2 * work : work;
  EXPECT_EQ(pushes, each_way);
  EXPECT_EQ(pops, each_way);
}

TEST_P(Subject, SurvivesManyDeathsOfEitherSide) {
  if (is_control() || scenario().workload != "peer_killed") GTEST_SKIP() << "no process is killed";
  load::RoundRunner runner = make_runner(scenario(), small());
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const load::RoundOutcome outcome = runner.run(ProbeKind::history, 1, seed);
    ASSERT_FALSE(outcome.stopped);
    ASSERT_EQ(outcome.check.result, Result::pass) << outcome.check.kind << ": " << outcome.check.witness;
  }
}

TEST_P(Subject, LeavesNoChildNoDescriptorAndNoSharedObject) {
  if (is_control()) GTEST_SKIP() << "a control";
  const auto before = open_descriptors();
  make_runner(scenario(), small()).run(ProbeKind::throughput, std::min<std::uint64_t>(50, scenario().most_work), 1);
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(shared_objects(), std::set<std::string>());
  siginfo_t info{};
  EXPECT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_P(Subject, HangsIfItIsAFaultyControl) {
  const Harm harm = expected_harm(scenario());
  if (harm == Harm::none) GTEST_SKIP() << "it has no fault";
  EXPECT_EQ(provoke(scenario(), small()), harm);
}

TEST_P(Subject, IsAControlExactlyWhenItHasAFault) {
  const auto& expectation = scenario().expectation;
  const bool must = std::any_of(expectation.begin(), expectation.end(),
                                [](const Expected& expected) { return expected.grade == Grade::must; });
  EXPECT_EQ(must, is_control());
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Subject, testing::ValuesIn(scenario_indices()), scenario_test_name);

}  // namespace
}  // namespace racetrack

int main(int argc, char** argv) { return racetrack::run_plugin_tests(argc, argv); }
