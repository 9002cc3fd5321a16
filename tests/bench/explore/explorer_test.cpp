#include "explore/explorer.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bodies.hpp"

namespace racetrack::explore {
namespace {

using testing::UnorderedElementsAre;

Exploration explored(
    void (*body)(), std::vector<std::string> strategies, std::uint64_t executions,
    std::function<void()> afterwards = [] {}) {
  Subject subject;
  subject.body = body;
  subject.judge = [&]() -> std::optional<Failure> {
    afterwards();
    return std::nullopt;
  };
  Plan plan;
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

class EveryBody : public testing::TestWithParam<bodies::Body> {};

TEST_P(EveryBody, has_the_expected_verdict) {
  const bodies::Body& body = GetParam();
  const Exploration result = explored(body.run, {}, 3000);
  if (body.finds == nullptr) {
    EXPECT_TRUE(result.findings.empty()) << describe(result);
    EXPECT_EQ(result.unusable + result.nondeterminism, "");
  } else {
    ASSERT_EQ(result.findings.size(), 1U) << describe(result);
    EXPECT_EQ(result.findings.front().failure.kind, body.finds) << describe(result);
  }
}

TEST_P(EveryBody, repeats_to_the_step_when_its_schedule_is_replayed) {
  const bodies::Body& body = GetParam();
  if (body.finds == nullptr) return;
  const Exploration result = explored(body.run, {}, 3000);
  ASSERT_EQ(result.findings.size(), 1U) << describe(result);
  const Finding& finding = result.findings.front();
  const auto schedule = Schedule::parse(finding.schedule.text());
  ASSERT_TRUE(schedule);
  EXPECT_EQ(*schedule, finding.schedule);
  Subject subject;
  subject.body = body.run;
  for (int i = 0; i < 100; ++i) {
    const Finding again = replay_schedule(subject, *schedule, Plan().most_steps, false);
    ASSERT_EQ(again.failure.kind, finding.failure.kind);
    ASSERT_EQ(again.steps, finding.steps);
    ASSERT_EQ(again.fingerprint, finding.fingerprint);
    ASSERT_EQ(again.schedule, finding.schedule);
  }
}

INSTANTIATE_TEST_SUITE_P(bodies, EveryBody, testing::ValuesIn(bodies::all()),
                         [](const auto& body) { return std::string(body.param.name); });

/// Distinct orders of the operations of two_counters, and executions, of a depth-first search without a bound.
std::pair<std::size_t, std::uint64_t> all_orders(void (*body)()) {
  std::set<std::uint32_t> orders;
  const Exploration result = explored(body, {"dfs"}, 1'000'000, [&] { orders.insert(bodies::order_of_operations()); });
  EXPECT_TRUE(result.complete);
  EXPECT_FALSE(result.shares.front().exhausted.empty());
  return {orders.size(), result.executions};
}

TEST(DepthFirstSearch, covers_every_order_of_two_threads_operations) {
  EXPECT_EQ(all_orders(bodies::two_counters<1>).first, 2U);   // 2 choose 1
  EXPECT_EQ(all_orders(bodies::two_counters<2>).first, 6U);   // 4 choose 2
  EXPECT_EQ(all_orders(bodies::two_counters<3>).first, 20U);  // 6 choose 3
}

TEST(DepthFirstSearch, within_a_bound_covers_only_orders_with_so_few_preemptions) {
  std::set<std::uint32_t> orders;
  const Exploration result =
      explored(bodies::two_counters<2>, {"dfs0"}, 1'000'000, [&] { orders.insert(bodies::order_of_operations()); });
  EXPECT_THAT(orders, UnorderedElementsAre(0b0011, 0b1100));
  EXPECT_FALSE(result.complete);
}

TEST(RandomWalk, covers_every_order_of_a_few_operations) {
  std::set<std::uint32_t> orders;
  explored(bodies::two_counters<2>, {"random"}, 5000, [&] { orders.insert(bodies::order_of_operations()); });
  EXPECT_EQ(orders.size(), 6U);
}

std::set<std::pair<int, int>> outcomes(void (*body)()) {
  std::set<std::pair<int, int>> seen;
  explored(body, {"dfs"}, 1'000'000, [&] { seen.emplace(bodies::values_read()[0], bodies::values_read()[1]); });
  return seen;
}

TEST(Litmus, under_sequential_consistency_only_outcomes_of_interleavings_occur) {
  using Pair = std::pair<int, int>;
  EXPECT_THAT(outcomes(bodies::store_buffering), UnorderedElementsAre(Pair{0, 1}, Pair{1, 0}, Pair{1, 1}));
  EXPECT_THAT(outcomes(bodies::message_passing), UnorderedElementsAre(Pair{0, 0}, Pair{0, 1}, Pair{1, 1}));
  EXPECT_THAT(outcomes(bodies::load_buffering), UnorderedElementsAre(Pair{0, 0}, Pair{0, 1}, Pair{1, 0}));
}

TEST(Determinism, the_same_seed_gives_the_same_executions) {
  for (const char* strategy : {"random", "pct3", "pos", "urw", "surw", "dfs1"}) {
    std::vector<std::uint64_t> first, second;
    explored(bodies::everything, {strategy}, 300, [&] { first.push_back(runtime.fingerprint); });
    explored(bodies::everything, {strategy}, 300, [&] { second.push_back(runtime.fingerprint); });
    EXPECT_EQ(first, second) << strategy;
    EXPECT_GT(std::set<std::uint64_t>(first.begin(), first.end()).size(), 10U) << strategy;
  }
}

}  // namespace
}  // namespace racetrack::explore
