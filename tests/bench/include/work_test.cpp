#include <racetrack/work.hpp>

#include <gtest/gtest.h>

namespace racetrack {
namespace {

TEST(Work, AgreesWithEffectOfWorkForAnyNumberOfSteps) {
  for (std::uint64_t steps = 0; steps < 300; ++steps) {
    EXPECT_EQ(work(steps * 31, steps), effect_of_work(steps)(steps * 31)) << steps;
  }
  EXPECT_EQ(work(7, 1'000'003), effect_of_work(1'000'003)(7));
}

TEST(Work, OneStepMoreOrLessChangesTheResult) {
  EXPECT_NE(work(7, 100), work(7, 101));
  EXPECT_NE(work(7, 100), work(8, 100));
}

}  // namespace
}  // namespace racetrack
