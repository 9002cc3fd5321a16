#include "oracle/emptiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oracle/histories.hpp"

namespace racetrack::oracle {
namespace {

using ::testing::HasSubstr;

TEST(Emptiness, AnEmptyPopDuringTheStayOfAnItemFails) {
  HistoryOf history(3);
  history.push(0, 1, 0, 10).pop(1, 0, 11, 19, Outcome::empty).pop(2, 1, 20, 30);
  const Verdict verdict = emptiness(history);
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_EQ(verdict.kind, "false_empty");
  EXPECT_EQ(verdict.detector, "oracle.emptiness");
  EXPECT_EQ(
      verdict.witness,
      "thread 1 found the queue empty at 11..19, but the queue was never empty then: it contained item 1 of producer 0 "
      "(pushed at 0..10, popped at 20..30)");
}

TEST(Emptiness, AnEmptyMomentAtEitherEndIsEnough) {
  HistoryOf before_the_push(3);
  before_the_push.push(0, 1, 0, 10).pop(1, 0, 10, 19, Outcome::empty).pop(2, 1, 20, 30);
  EXPECT_EQ(emptiness(before_the_push).result, Result::pass);
  HistoryOf after_the_pop(3);
  after_the_pop.push(0, 1, 0, 10).pop(1, 0, 11, 20, Outcome::empty).pop(2, 1, 20, 30);
  EXPECT_EQ(emptiness(after_the_pop).result, Result::pass);
}

TEST(Emptiness, OverlappingStaysOfItemsKeepTheQueueFilled) {
  HistoryOf relay(4);
  relay.push(0, 1, 0, 10).push(0, 2, 20, 29).pop(2, 1, 30, 40).push(0, 3, 41, 50).pop(2, 2, 51, 60).pop(2, 3, 90, 95);
  HistoryOf overlapping = relay;
  overlapping.pop(3, 0, 15, 80, Outcome::empty);
  const Verdict verdict = emptiness(overlapping);
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_THAT(verdict.witness, HasSubstr("item 1 of producer 0 (pushed at 0..10, popped at 30..40), then item 2"));
  EXPECT_THAT(verdict.witness, HasSubstr("then item 3 of producer 0 (pushed at 41..50, popped at 90..95)"));

  HistoryOf gap(4);
  gap.push(0, 1, 0, 10).push(0, 2, 20, 30).pop(2, 1, 30, 40).pop(2, 2, 90, 95).pop(3, 0, 15, 80, Outcome::empty);
  EXPECT_EQ(emptiness(gap).result, Result::pass);
}

TEST(Emptiness, AnItemThatIsNeverPoppedStaysInTheQueue) {
  HistoryOf history(2);
  history.push(0, 1, 0, 10).pop(1, 0, 1000, 1010, Outcome::empty);
  EXPECT_EQ(emptiness(history).result, Result::fail);
}

TEST(Emptiness, WidensIntervalsBySkew) {
  HistoryOf history(3, 0, 2);
  history.push(0, 1, 0, 10).pop(1, 0, 13, 21, Outcome::empty).pop(2, 1, 25, 30);
  EXPECT_EQ(emptiness(history).result, Result::pass);
  HistoryOf farther(3, 0, 2);
  farther.push(0, 1, 0, 10).pop(1, 0, 15, 20, Outcome::empty).pop(2, 1, 25, 30);
  EXPECT_EQ(emptiness(farther).result, Result::fail);
}

TEST(Emptiness, IsUnknownIfAPendingPopMayHaveEmptiedTheQueue) {
  HistoryOf in_time(3);
  in_time.push(0, 1, 0, 10).pop(2, 0, 12, 0, Outcome::pending).pop(1, 0, 15, 19, Outcome::empty);
  EXPECT_EQ(emptiness(in_time).result, Result::unknown);
  HistoryOf too_late(3);
  too_late.push(0, 1, 0, 10).pop(2, 0, 20, 0, Outcome::pending).pop(1, 0, 15, 19, Outcome::empty);
  EXPECT_EQ(emptiness(too_late).result, Result::fail);
}

TEST(Emptiness, ChecksEachObjectSeparately) {
  HistoryOf history(3);
  history.push(0, 1, 0, 10, Outcome::ok, 1).pop(1, 0, 11, 19, Outcome::empty, 0).pop(2, 1, 20, 30, Outcome::ok, 1);
  EXPECT_EQ(emptiness(history).result, Result::pass);
}

TEST(Emptiness, PassesWithoutStamps) {
  HistoryOf history(3);
  history.push(0, 1, 0, 10).pop(1, 0, 11, 19, Outcome::empty).pop(2, 1, 20, 30);
  EXPECT_EQ(emptiness(history.unstamped()).result, Result::pass);
}

class EmptyTooEarly : public ::testing::TestWithParam<std::uint64_t> {};

/// Inserts an empty pop of a fifth thread into every interval between the return of a push and the call of its item's
/// pop.
TEST_P(EmptyTooEarly, IsFoundWheneverAnItemWasCertainlyInTheQueue) {
  const History sound = sound_history(GetParam(), 60, 8);
  ASSERT_EQ(emptiness(sound).result, Result::pass);
  int mutants = 0;
  for (std::size_t producer = 0; producer < 2; ++producer) {
    for (const Operation& push : sound.threads[producer]) {
      for (std::size_t consumer = 2; consumer < 4; ++consumer) {
        for (const Operation& pop : sound.threads[consumer]) {
          if (pop.value != push.value || pop.invoked < push.returned + 2) continue;
          History mutant = sound;
          mutant.threads.push_back({{0, push.returned + 1, pop.invoked - 1, 4, 0, Action::pop, Outcome::empty}});
          EXPECT_EQ(emptiness(mutant).kind, "false_empty");
          ++mutants;
        }
      }
    }
  }
  EXPECT_GT(mutants, 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, EmptyTooEarly, ::testing::Range<std::uint64_t>(0, 10));

}  // namespace
}  // namespace racetrack::oracle
