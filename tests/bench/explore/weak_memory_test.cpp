#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bodies.hpp"
#include "explore/explorer.hpp"

namespace racetrack::explore {
namespace {

Exploration explored_weakly(void (*body)(), std::vector<std::string> strategies, std::uint64_t executions) {
  Subject subject;
  subject.body = body;
  Plan plan;
  plan.memory = Memory::weak;
  plan.strategies = std::move(strategies);
  plan.seed = 1;
  plan.seconds = 100;
  plan.executions = executions;
  return explore(subject, plan);
}

std::string describe(const Exploration& result) {
  std::string text = result.unusable + result.nondeterminism;
  for (const Finding& finding : result.findings) text += finding.failure.kind + ": " + finding.failure.text + "\n";
  return text;
}

class EveryBodyInWeakMemory : public testing::TestWithParam<bodies::Body> {};

TEST_P(EveryBodyInWeakMemory, has_the_expected_verdict_and_repeats) {
  const bodies::Body& body = GetParam();
  const Exploration result = explored_weakly(body.run, {}, 10'000);
  if (body.finds == nullptr) {
    EXPECT_EQ(describe(result), "");
    return;
  }
  ASSERT_EQ(result.findings.size(), 1U) << describe(result);
  const Finding& finding = result.findings.front();
  EXPECT_EQ(finding.failure.kind, body.finds) << describe(result);
  const auto schedule = Schedule::parse(finding.schedule.text());
  ASSERT_TRUE(schedule);
  EXPECT_EQ(schedule->memory, Memory::weak);
  Subject subject;
  subject.body = body.run;
  for (int i = 0; i < 20; ++i) {
    const Finding again = replay_schedule(subject, *schedule, Plan().most_steps, false);
    ASSERT_EQ(again.failure.kind, finding.failure.kind);
    ASSERT_EQ(again.fingerprint, finding.fingerprint);
    ASSERT_EQ(again.schedule, finding.schedule);
  }
}

INSTANTIATE_TEST_SUITE_P(bodies, EveryBodyInWeakMemory, testing::ValuesIn(bodies::all()),
                         [](const auto& body) { return std::string(body.param.name); });

class EveryWeakBody : public testing::TestWithParam<bodies::Body> {};

TEST_P(EveryWeakBody, fails_only_in_weak_memory_if_at_all) {
  const bodies::Body& body = GetParam();
  const Exploration result = explored_weakly(body.run, {}, 3000);
  ASSERT_EQ(result.findings.size(), body.finds == nullptr ? 0U : 1U) << describe(result);
  if (body.finds != nullptr) {
    EXPECT_EQ(result.findings.front().failure.kind, body.finds);
  }
  Subject subject;
  subject.body = body.run;
  Plan plan;
  plan.executions = 3000;
  plan.seconds = 100;
  EXPECT_EQ(describe(explore(subject, plan)), "");
}

INSTANTIATE_TEST_SUITE_P(bodies, EveryWeakBody, testing::ValuesIn(bodies::weak()),
                         [](const auto& body) { return std::string(body.param.name); });

TEST(WeakMemory, stores_become_visible_eventually) {
  for (const char* strategy : {"random", "pct3", "dfs2"}) {
    EXPECT_EQ(describe(explored_weakly(bodies::spins_until_set_relaxed, {strategy}, 2000)), "") << strategy;
  }
}

TEST(WeakMemory, a_search_without_a_bound_finishes_and_reports_its_coverage) {
  const Exploration result = explored_weakly(bodies::store_buffering, {"dfs"}, 10'000);
  EXPECT_TRUE(result.complete);
}

}  // namespace
}  // namespace racetrack::explore
