#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bodies.hpp"
#include "explore/explorer.hpp"

namespace racetrack::explore {
namespace {

using testing::UnorderedElementsAre;

struct Seen {
  std::set<std::uint64_t> states;
  std::set<std::string> failures;
  std::uint64_t executions = 0;
  bool ended = false;     ///< a search within some bounds has finished
  bool complete = false;  ///< that search has left nothing out
};

Seen all_of(void (*body)(), const char* strategy, std::uint64_t executions = 10'000) {
  Seen seen;
  Subject subject;
  subject.body = body;
  subject.judge = [&]() -> std::optional<Failure> {
    seen.states.insert(bodies::end_state());
    return std::nullopt;
  };
  Plan plan;
  plan.strategies = {strategy};
  plan.seconds = 100;
  plan.executions = executions;
  plan.enough = [](const Failure&) { return false; };
  const Exploration result = explore(subject, plan);
  EXPECT_EQ(result.unusable + result.nondeterminism, "");
  for (const Finding& finding : result.findings) seen.failures.insert(finding.failure.kind);
  seen.executions = result.executions;
  seen.ended = !result.searched.empty();
  seen.complete = result.complete;
  return seen;
}

TEST(Reduction, leaves_one_execution_of_threads_that_share_nothing_or_only_read) {
  EXPECT_EQ(all_of(bodies::independent_writers, "dfs").executions, 1U);
  EXPECT_EQ(all_of(bodies::readers, "dfs").executions, 1U);
}

TEST(Reduction, leaves_one_execution_for_every_order_of_dependent_steps) {
  const Seen lockers = all_of(bodies::two_lockers, "dfs");
  EXPECT_THAT(lockers.states, UnorderedElementsAre(0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100));
  EXPECT_EQ(lockers.executions, 6U);
  const Seen few = all_of(bodies::few_dependences, "dfs");
  EXPECT_EQ(few.states.size(), 9U);
  EXPECT_EQ(few.executions, 9U);
}

struct Program {
  const char* name;
  void (*run)();
};

class EverySmallProgram : public testing::TestWithParam<Program> {};

TEST_P(EverySmallProgram, has_the_same_results_as_without_reduction_in_fewer_executions) {
  const Seen reduced = all_of(GetParam().run, "dfs");
  const Seen all = all_of(GetParam().run, "dfs_unreduced");
  RecordProperty("executions", std::to_string(reduced.executions) + " of " + std::to_string(all.executions));
  EXPECT_TRUE(reduced.ended);
  EXPECT_TRUE(std::includes(reduced.states.begin(), reduced.states.end(), all.states.begin(), all.states.end()));
  if (all.complete) {
    EXPECT_EQ(reduced.states, all.states);
  }
  EXPECT_THAT(reduced.failures, testing::IsEmpty());
  EXPECT_THAT(all.failures, testing::IsEmpty());
  EXPECT_LE(reduced.executions, all.executions);
}

INSTANTIATE_TEST_SUITE_P(programs, EverySmallProgram,
                         testing::Values(Program{"lockers", bodies::two_lockers},
                                         Program{"dependences", bodies::few_dependences},
                                         Program{"tries", bodies::tries_to_write},
                                         Program{"peterson", bodies::peterson},
                                         Program{"nodes", bodies::exchanges_nodes}),
                         [](const auto& program) { return std::string(program.param.name); });

class EveryBodySearched : public testing::TestWithParam<bodies::Body> {};

TEST_P(EveryBodySearched, fails_if_it_fails_without_reduction) {
  const Seen reduced = all_of(GetParam().run, "dfs", 3000);
  const Seen all = all_of(GetParam().run, "dfs_unreduced", 3000);
  RecordProperty("executions", std::to_string(reduced.executions) + " of " + std::to_string(all.executions));
  EXPECT_THAT(all.failures, testing::IsSubsetOf(reduced.failures));
  // It may find more: without reduction a spinning thread is descheduled; here it waits until a value has changed.
  EXPECT_EQ(reduced.failures.empty(), GetParam().finds == nullptr);
}

INSTANTIATE_TEST_SUITE_P(bodies, EveryBodySearched, testing::ValuesIn(bodies::all()),
                         [](const auto& body) { return std::string(body.param.name); });

}  // namespace
}  // namespace racetrack::explore
