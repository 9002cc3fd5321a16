#include "oracle/capacity.hpp"

#include <gtest/gtest.h>

#include "oracle/histories.hpp"

namespace racetrack::oracle {
namespace {

/// Pushes `count` items one after the other and then pops them.
HistoryOf filled_with(std::uint64_t count, std::uint64_t capacity, Ticks gap = 10, Ticks skew = 0) {
  HistoryOf history(2, capacity, skew);
  Ticks now = 100;
  for (std::uint64_t value = 1; value <= count; ++value, now += 10) history.push(0, value, now, now + 5);
  now += gap;
  for (std::uint64_t value = 1; value <= count; ++value, now += 10) history.pop(1, value, now, now + 5);
  return history;
}

TEST(Capacity, MayBeReachedButNotExceeded) {
  EXPECT_EQ(capacity(filled_with(5, 5)).result, Result::pass);
  const Verdict verdict = capacity(filled_with(6, 5));
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_EQ(verdict.kind, "overflow");
  EXPECT_EQ(verdict.detector, "oracle.capacity");
  EXPECT_NE(verdict.witness.find("at least 6 items"), std::string::npos) << verdict.witness;
}

TEST(Capacity, PassesSoundHistories) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(capacity(sound_history(seed, 200, 4)).result, Result::pass) << seed;
  }
}

TEST(Capacity, OfAnUnboundedQueueOrWithoutStampsIsNotChecked) {
  EXPECT_EQ(capacity(filled_with(100, 0)).result, Result::pass);
  EXPECT_EQ(capacity(filled_with(6, 5).unstamped()).result, Result::pass);
}

TEST(Capacity, CountsOnlyItemsThatAreCertainlyInTheQueue) {
  // The sixth push overlaps the first pop, so the pop may precede it.
  HistoryOf history(2, 1);
  history.push(0, 1, 10, 20).push(0, 2, 30, 50).pop(1, 1, 40, 60).pop(1, 2, 70, 80);
  EXPECT_EQ(capacity(history).result, Result::pass);
  HistoryOf touching(2, 1);
  touching.push(0, 1, 10, 20).push(0, 2, 30, 50).pop(1, 1, 50, 60).pop(1, 2, 70, 80);
  EXPECT_EQ(capacity(touching).result, Result::pass) << "at one moment departures come first";
  HistoryOf apart(2, 1);
  apart.push(0, 1, 10, 20).push(0, 2, 30, 50).pop(1, 1, 51, 60).pop(1, 2, 70, 80);
  EXPECT_EQ(capacity(apart).kind, "overflow");
}

TEST(Capacity, UnderSkewNeedsLargerGapsBetweenIntervals) {
  EXPECT_EQ(capacity(filled_with(6, 5, 100, 10)).kind, "overflow");
  EXPECT_EQ(capacity(filled_with(6, 5, 10, 10)).result, Result::pass);
}

TEST(Capacity, IsCheckedForEachObject) {
  HistoryOf history(1, 1);
  history.push(0, 1, 1, 2, Outcome::ok, 0).push(0, 1, 3, 4, Outcome::ok, 1);
  EXPECT_EQ(capacity(history).result, Result::pass);
}

TEST(Capacity, DoesNotCountRefusedPushes) {
  HistoryOf history(1, 1);
  history.push(0, 1, 1, 2).push(0, 2, 3, 4, Outcome::full).push(0, 3, 5, 6, Outcome::pending);
  EXPECT_EQ(capacity(history).result, Result::pass);
}

}  // namespace
}  // namespace racetrack::oracle
