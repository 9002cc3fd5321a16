// Time-outs of any length fire early in some executions, each at the same step in the search and in the replay of its
// token.
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "explore/explorer.hpp"
#include "time_bodies.hpp"

namespace racetrack::explore {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

Exploration explored(std::function<void()> body, std::uint64_t seed, std::uint64_t executions,
                     std::vector<std::string> strategies = {}) {
  Subject subject;
  subject.body = std::move(body);
  Plan plan;
  plan.strategies = std::move(strategies);
  plan.seed = seed;
  plan.seconds = 100;
  plan.executions = executions;
  return explore(subject, plan);
}

std::string kinds(const Exploration& result) {
  std::string text = result.unusable + result.nondeterminism;
  for (const Finding& finding : result.findings) text += finding.failure.kind;
  return text;
}

class TimeOutOf : public testing::TestWithParam<nanoseconds> {};

TEST_P(TimeOutOf, this_length_repeats_at_the_same_step) {
  unsigned found = 0;
  for (std::uint64_t number = 0; number < 40; ++number) {
    const std::function<void()> body = [&] { bodies::waits_as_drawn(number * 383 + 19, GetParam()); };
    const Exploration result = explored(body, number, 300);
    ASSERT_EQ(result.nondeterminism + result.unusable, "") << number;
    for (const Finding& finding : result.findings) {
      const auto schedule = Schedule::parse(finding.schedule.text());
      ASSERT_TRUE(schedule);
      Subject subject;
      subject.body = body;
      const Finding again = replay_schedule(subject, *schedule, Plan().most_steps, false);
      EXPECT_EQ(again.failure.kind, finding.failure.kind) << number;
      EXPECT_EQ(again.steps, finding.steps) << number;
      EXPECT_EQ(again.fingerprint, finding.fingerprint) << number;
      EXPECT_EQ(again.schedule, finding.schedule) << number;
      ++found;
    }
  }
  EXPECT_GT(found, 20U);
}

TEST_P(TimeOutOf, this_length_fires_while_another_thread_can_run) {
  const auto abandons = [] { bodies::abandons_a_request(GetParam()); };
  const auto sleeps = [] { bodies::sleeps_less_than_a_step(GetParam()); };
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    EXPECT_EQ(kinds(explored(abandons, seed, 5000)), "use_after_free") << seed;
    EXPECT_EQ(kinds(explored(sleeps, seed, 1000)), "crash") << seed;
  }
}

TEST_P(TimeOutOf, this_length_is_a_choice_of_the_searches) {
  const auto abandons = [] { bodies::abandons_a_request(GetParam()); };
  const auto sleeps = [] { bodies::sleeps_less_than_a_step(GetParam()); };
  for (const char* strategy : {"dfs", "dfs1", "dfs_unreduced"}) {
    EXPECT_EQ(kinds(explored(abandons, 1, 20'000, {strategy})), "use_after_free") << strategy;
    EXPECT_EQ(kinds(explored(sleeps, 1, 1000, {strategy})), "crash") << strategy;
  }
}

INSTANTIATE_TEST_SUITE_P(lengths, TimeOutOf, testing::Values(0ns, 1ns, 100ns, 1ms, 1s, 1h),
                         [](const auto& length) { return std::to_string(length.param.count()) + "ns"; });

TEST(Clock, does_not_run_backwards_when_a_later_deadline_passes_first) {
  EXPECT_EQ(kinds(explored(bodies::sleeps_in_order, 1, 2000)), "");
  EXPECT_EQ(kinds(explored(bodies::sleeps_in_order, 1, 2000, {"dfs"})), "");
}

TEST(Clock, lets_loops_that_poll_it_end) {
  for (void (*body)() : {bodies::polls_the_clock, bodies::polls_the_clock_and_counts}) {
    const Exploration result = explored(body, 1, 300);
    EXPECT_EQ(kinds(result), "");
    EXPECT_EQ(result.executions, 300U);
    EXPECT_FALSE(result.complete);
  }
}

TEST(Deadline, at_the_latest_possible_time_never_passes) {
  EXPECT_EQ(kinds(explored(bodies::waits_for_ever_and_is_notified, 1, 2000)), "");
  EXPECT_EQ(kinds(explored(bodies::waits_for_ever, 1, 2000)), "lost_wakeup");
}

TEST(Deadline, before_the_beginning_of_the_clock_has_passed) {
  EXPECT_EQ(kinds(explored(bodies::waits_until_long_ago, 1, 200)), "");
}

TEST(Clock, passes_while_threads_count_until_a_sleeper_stops_them) {
  const Exploration result = explored(bodies::counts_until_stopped, 1, 300);
  EXPECT_EQ(kinds(result), "");
  EXPECT_EQ(result.executions, 300U);
}

}  // namespace
}  // namespace racetrack::explore
