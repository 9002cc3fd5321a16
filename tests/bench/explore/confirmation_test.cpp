// Failures that do not repeat with their schedule, and executions that the explorer cannot control.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bodies.hpp"
#include "explore/explorer.hpp"

namespace racetrack::explore {
namespace {

constexpr std::uint64_t kExecutions = 300;

bool always(const Failure& /*failure*/) { return true; }

/// Explores two threads without a fault. `judge` gets the number of the execution from 1, with repetitions counted.
Exploration judged(std::function<std::optional<Failure>(std::uint64_t)> judge,
                   std::function<bool(const Failure&)> enough = always) {
  std::uint64_t execution = 0;
  Subject subject;
  subject.body = bodies::two_counters<2>;
  subject.judge = [&execution, judge = std::move(judge)] { return judge(++execution); };
  Plan plan;
  plan.strategies = {"random"};
  plan.seed = 1;
  plan.seconds = 100;
  plan.executions = kExecutions;
  plan.enough = std::move(enough);
  return explore(subject, plan);
}

Failure failure(const std::string& kind) { return {.kind = kind, .text = "text of " + kind, .signature = kind}; }

TEST(Confirmation, AFailureThatDoesNotRepeatIsRecordedAndTheSearchContinues) {
  const Exploration result = judged([](std::uint64_t execution) -> std::optional<Failure> {
    if (execution == 10 || execution == 20) return failure("crash");
    return std::nullopt;
  });
  EXPECT_TRUE(result.findings.empty());
  EXPECT_EQ(result.executions, kExecutions);
  ASSERT_EQ(result.unconfirmed.size(), 1U);
  EXPECT_EQ(result.unconfirmed.front().failure.kind, "crash");
  EXPECT_EQ(result.unconfirmed.front().times, 2U);
  EXPECT_THAT(result.nondeterminism, testing::HasSubstr("the same schedule again: nothing"));
}

TEST(Confirmation, AFindingCountsAfterAFailureThatDidNotRepeat) {
  const Exploration result = judged([](std::uint64_t execution) -> std::optional<Failure> {
    if (execution == 10) return failure("crash");
    if (execution > 20) return failure("lost");
    return std::nullopt;
  });
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings.front().failure.kind, "lost");
  ASSERT_EQ(result.unconfirmed.size(), 1U);
  EXPECT_EQ(result.unconfirmed.front().failure.kind, "crash");
}

TEST(Confirmation, AFailureIsAFindingAsSoonAsOneOfItsSchedulesRepeats) {
  const Exploration result = judged([](std::uint64_t execution) -> std::optional<Failure> {
    if (execution == 10 || execution > 20) return failure("crash");
    return std::nullopt;
  });
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_TRUE(result.unconfirmed.empty());
  EXPECT_EQ(result.nondeterminism, "");
}

TEST(Confirmation, AFailureThatDoesNotRepeatWithItsShortScheduleIsNotAFinding) {
  // Repeats once, then never, not even with its original schedule.
  const Exploration result = judged([](std::uint64_t execution) -> std::optional<Failure> {
    if (execution == 10 || execution == 11) return failure("crash");
    return std::nullopt;
  });
  EXPECT_TRUE(result.findings.empty());
  ASSERT_EQ(result.unconfirmed.size(), 1U);
}

TEST(Confirmation, AnUnconfirmedFailureWithholdsTheClaimOfCompleteness) {
  std::uint64_t execution = 0;
  Subject subject;
  subject.body = bodies::two_counters<1>;
  Plan plan;
  plan.strategies = {"dfs"};
  plan.seconds = 100;
  EXPECT_TRUE(explore(subject, plan).complete);
  subject.judge = [&]() -> std::optional<Failure> {
    if (++execution == 1) return failure("crash");
    return std::nullopt;
  };
  EXPECT_FALSE(explore(subject, plan).complete);
}

TEST(Refusal, AnExecutionThatCannotBeControlledEndsTheSearchAndKeepsFindings) {
  const auto judge = [](std::uint64_t execution) -> std::optional<Failure> {
    return failure(execution < 200 ? "lost" : "unusable");
  };
  const Exploration result = judged(judge, [](const Failure&) { return false; });
  EXPECT_EQ(result.unusable, "text of unusable");
  EXPECT_LT(result.executions, kExecutions);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings.front().failure.kind, "lost");
}

}  // namespace
}  // namespace racetrack::explore
