#include "explore/schedule/strategies.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bodies.hpp"
#include "explore/explorer.hpp"
#include "explore/runtime.hpp"

namespace racetrack::explore {
namespace {

/// Of 10,000 trials: the number in which thread 1, which has arrived at `waiting`, has not run when thread 0 has done
/// `passing` nine times.
unsigned overtaken_nine_times(const Intent& waiting, const Intent& passing) {
  const std::unique_ptr<Strategy> strategy = make_strategy("pos");
  runtime.threads[0].next = passing;
  runtime.threads[1].next = waiting;
  Choice choice;
  choice.candidates = 0b11;
  choice.current_can = true;
  unsigned count = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    strategy->begin({seed, 0});
    strategy->thread_begins(0);
    strategy->thread_begins(1);
    int passed = 0;
    while (passed < 9 && strategy->choose(choice) == 0) ++passed;
    count += passed == 9 ? 1 : 0;
  }
  runtime.threads[0].next = runtime.threads[1].next = {};
  return count;
}

// The priority of thread 1 is one of ten equally distributed ones, of which it must be the lowest.
TEST(PartialOrderSampling, keeps_the_priority_of_a_step_while_no_racing_step_runs) {
  EXPECT_NEAR(overtaken_nine_times({8, true}, {16, true}), 1000, 150);
  EXPECT_NEAR(overtaken_nine_times({8, false}, {8, false}), 1000, 150);
  EXPECT_NEAR(overtaken_nine_times({}, {}), 1000, 150);
}

// It must be the lower of two, nine times.
TEST(PartialOrderSampling, draws_the_priority_of_a_step_again_when_a_racing_step_runs) {
  EXPECT_NEAR(overtaken_nine_times({8, true}, {8, true}), 10'000 / 512.0, 18);
  EXPECT_NEAR(overtaken_nine_times({8, true}, {8, false}), 10'000 / 512.0, 18);
  EXPECT_NEAR(overtaken_nine_times({8, false}, {8, true}), 10'000 / 512.0, 18);
}

/// The number of executions, of 20,000, with each order of the six operations.
std::vector<unsigned> frequencies_of_orders(const char* strategy) {
  std::map<std::uint32_t, unsigned> seen;
  Subject subject;
  subject.body = bodies::two_counters<3>;
  subject.judge = [&]() -> std::optional<Failure> {
    ++seen[bodies::order_of_operations()];
    return std::nullopt;
  };
  Plan plan;
  plan.strategies = {strategy};
  plan.seed = 1;
  plan.seconds = 100;
  plan.executions = 20'000;
  explore(subject, plan);
  std::vector<unsigned> counts;
  for (const auto& [order, count] : seen) counts.push_back(count);
  return counts;
}

TEST(SelectivelyUniformWalk, gives_every_order_of_shared_operations_the_same_probability) {
  using testing::Each, testing::Ge, testing::Le, testing::AllOf, testing::SizeIs;
  EXPECT_THAT(frequencies_of_orders("surw"), AllOf(SizeIs(20), Each(AllOf(Ge(850U), Le(1150U)))));
  EXPECT_THAT(frequencies_of_orders("random"), testing::Not(Each(AllOf(Ge(850U), Le(1150U)))));
}

TEST(UniformWalk, covers_every_order) { EXPECT_THAT(frequencies_of_orders("urw"), testing::SizeIs(20)); }

/// A waiter must spin alone until it gives up. A strategy that draws at every step rarely runs it so long.
bool is_behind_a_spin_loop(const bodies::Body& body) {
  const std::string name = body.name;
  return name == "semaphore_of_the_standard_library" || name == "atomic_without_notify";
}

class EveryStrategy : public testing::TestWithParam<std::string> {};

TEST_P(EveryStrategy, finds_all_faults_and_no_others) {
  for (const bodies::Body& body : bodies::all()) {
    Subject subject;
    subject.body = body.run;
    Plan plan;
    plan.strategies = {GetParam()};
    plan.seed = 1;
    plan.seconds = 100;
    plan.executions = 3000;
    const Exploration result = explore(subject, plan);
    EXPECT_EQ(result.unusable + result.nondeterminism, "") << body.name;
    if (body.finds == nullptr) {
      EXPECT_TRUE(result.findings.empty()) << body.name;
    } else if (!is_behind_a_spin_loop(body)) {
      ASSERT_FALSE(result.findings.empty()) << body.name;
      EXPECT_EQ(result.findings.front().failure.kind, body.finds) << body.name;
    }
  }
}

TEST_P(EveryStrategy, eventually_runs_every_thread_of_a_spin_lock) {
  Subject subject;
  subject.body = bodies::peterson;
  Plan plan;
  plan.strategies = {GetParam()};
  plan.seed = 1;
  plan.seconds = 100;
  plan.executions = 20'000;
  const Exploration result = explore(subject, plan);
  EXPECT_TRUE(result.findings.empty()) << result.findings.front().failure.text;
  EXPECT_EQ(result.executions, 20'000U);
}

INSTANTIATE_TEST_SUITE_P(random, EveryStrategy, testing::Values("random", "pct3", "pos", "urw", "surw"),
                         [](const auto& strategy) { return strategy.param; });

}  // namespace
}  // namespace racetrack::explore
