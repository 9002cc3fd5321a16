#include <racetrack/pool/sizes.hpp>

#include <gtest/gtest.h>

#include <racetrack/pool/fork_join.hpp>

namespace racetrack::pool {
namespace {

RoundPlan plan(const char* grain_ns, const char* skew, ProbeKind probe = ProbeKind::throughput) {
  RoundPlan plan;
  plan.probe = probe;
  plan.params.set("grain_ns", grain_ns);
  plan.params.set("skew", skew);
  plan.clock.step_ns = 2.0;
  return plan;
}

TEST(Sizes, ATaskHasAsManyStepsAsFitItsLength) {
  EXPECT_EQ(Sizes(plan("1000", "1")).steps(7), 500U);
  EXPECT_EQ(Sizes(plan("1", "1")).steps(7), 1U) << "never none";
}

TEST(Sizes, AboutOneTaskInSkewIsLongerByThatFactor) {
  const Sizes sizes(plan("100", "64"));
  constexpr std::uint64_t kTasks = 64'000;
  std::uint64_t longer = 0, steps = 0;
  for (std::uint64_t task = 0; task < kTasks; ++task) {
    EXPECT_TRUE(sizes.steps(task) == 50 || sizes.steps(task) == std::uint64_t{50} * 64);
    longer += sizes.steps(task) == 50 ? 0 : 1;
    steps += sizes.steps(task);
  }
  EXPECT_GT(longer, 900U);
  EXPECT_LT(longer, 1100U);
  EXPECT_EQ(sizes.steps_below(kTasks), steps);
}

TEST(Sizes, TheResultIsKnownWithoutTheWork) {
  const Sizes sizes(plan("100", "3"));
  for (std::uint64_t task = 0; task < 100; ++task) EXPECT_EQ(sizes.run(task), sizes.result(task));
}

TEST(Sizes, ACheckedRoundHasNoLongTasks) {
  const auto longest = static_cast<std::uint64_t>(kLongestJudged / 2.0);
  EXPECT_EQ(Sizes(plan("1000000", "1", ProbeKind::history)).steps(0), longest);
  EXPECT_EQ(Sizes(plan("1000", "1", ProbeKind::history)).steps(0), 500U);
}

TEST(ForkJoin, ComputesTheNumberOfCallsOfFibonacci) {
  const auto count = [](auto&& self, unsigned k) -> std::uint64_t {
    return k < 2 ? 1 : 1 + self(self, k - 1) + self(self, k - 2);
  };
  for (unsigned k = 0; k < 15; ++k) EXPECT_EQ(calls_of_fib(k), count(count, k)) << k;
  for (std::uint64_t calls = 1; calls < 1000; ++calls) {
    EXPECT_LE(calls_of_fib(fib_of_calls(calls)), calls);
    EXPECT_GT(calls_of_fib(fib_of_calls(calls) + 1), calls);
  }
}

}  // namespace
}  // namespace racetrack::pool
