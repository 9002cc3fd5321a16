#include "oracle/fullness.hpp"

#include <gtest/gtest.h>

#include "oracle/histories.hpp"

namespace racetrack::oracle {
namespace {

TEST(Fullness, AFullPushFailsIfCapacityCannotHaveBeenReached) {
  HistoryOf history(3, 2);
  history.push(0, 1, 0, 10).push(1, 9, 11, 19, Outcome::full).pop(2, 1, 20, 30);
  const Verdict verdict = fullness(history);
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_EQ(verdict.kind, "false_full");
  EXPECT_EQ(verdict.detector, "oracle.full");
  EXPECT_EQ(
      verdict.witness,
      "thread 1 found the queue full for item 9 of producer 0 at 11..19, but at most 1 items can have been inside "
      "at any moment of it; its capacity is 2");
}

TEST(Fullness, OneFullMomentOfTheIntervalIsEnough) {
  HistoryOf begins(3, 1);
  begins.push(0, 1, 0, 10).pop(2, 1, 20, 30).push(1, 9, 30, 60, Outcome::full);
  EXPECT_EQ(fullness(begins).result, Result::pass);
  HistoryOf ends(3, 1);
  ends.push(1, 9, 0, 20, Outcome::full).push(0, 1, 20, 30).pop(2, 1, 40, 50);
  EXPECT_EQ(fullness(ends).result, Result::pass);
  HistoryOf between(3, 1);
  between.push(1, 9, 0, 100, Outcome::full).push(0, 1, 20, 30).pop(2, 1, 40, 50);
  EXPECT_EQ(fullness(between).result, Result::pass);
  HistoryOf never(3, 1);
  never.push(0, 1, 20, 30).pop(2, 1, 40, 50).push(1, 9, 51, 100, Outcome::full);
  EXPECT_EQ(fullness(never).result, Result::fail);
}

TEST(Fullness, TheItemOfAPendingPushMayBeInTheQueue) {
  HistoryOf history(3, 1);
  history.push(0, 1, 5, 0, Outcome::pending).push(1, 9, 50, 60, Outcome::full);
  EXPECT_EQ(fullness(history).result, Result::pass);
}

TEST(Fullness, WidensIntervalsBySkew) {
  HistoryOf near_by(3, 1, 2);
  near_by.push(0, 1, 0, 10).pop(2, 1, 20, 30).push(1, 9, 34, 60, Outcome::full);
  EXPECT_EQ(fullness(near_by).result, Result::pass);
  HistoryOf farther(3, 1, 2);
  farther.push(0, 1, 0, 10).pop(2, 1, 20, 30).push(1, 9, 35, 60, Outcome::full);
  EXPECT_EQ(fullness(farther).result, Result::fail);
}

TEST(Fullness, PassesWithoutABoundAndWithoutStamps) {
  HistoryOf unbounded(2);
  unbounded.push(0, 1, 0, 10, Outcome::full);
  EXPECT_EQ(fullness(unbounded).result, Result::pass);
  HistoryOf history(3, 1);
  history.push(0, 1, 20, 30).pop(2, 1, 40, 50).push(1, 9, 51, 100, Outcome::full);
  EXPECT_EQ(fullness(history.unstamped()).result, Result::pass);
}

class FullTooEarly : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(FullTooEarly, IsFoundWheneverTheQueueWasNeverFull) {
  constexpr std::uint64_t kRoomy = 40;  // never reached: sound_history holds at most 8
  History history = sound_history(GetParam(), 60, 8);
  history.capacity = kRoomy;
  ASSERT_EQ(fullness(history).result, Result::pass);
  for (std::size_t producer = 0; producer < 2; ++producer) {
    for (std::size_t i = 0; i < history.threads[producer].size(); ++i) {
      History mutant = history;
      mutant.threads[producer][i].outcome = Outcome::full;
      EXPECT_EQ(fullness(mutant).kind, "false_full");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FullTooEarly, ::testing::Range<std::uint64_t>(0, 5));

}  // namespace
}  // namespace racetrack::oracle
