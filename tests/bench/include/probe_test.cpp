#include <racetrack/probe.hpp>

#include <gtest/gtest.h>

namespace racetrack {
namespace {

std::size_t count(const ThreadLog& log, Outcome outcome) {
  std::size_t n = 0;
  for (const Operation& operation : log.operations) n += operation.outcome == outcome ? 1 : 0;
  return n;
}

TEST(HistoryProbe, KeepsEverySuccessDespiteManyFailedTries) {
  constexpr std::size_t kRoom = 400, kSuccesses = 300, kFailuresBetween = 50;
  ThreadLog log;
  log.operations.reserve(kRoom);
  const Operation* buffer = log.operations.data();
  HistoryProbe probe(log, RoundPlan{}, 3);
  for (std::uint64_t value = 1; value <= kSuccesses; ++value) {
    for (std::size_t i = 0; i < kFailuresBetween; ++i) {
      probe.begin();
      probe.end(Action::pop, 0, Outcome::empty);
    }
    probe.begin();
    probe.end(Action::pop, value, Outcome::ok);
  }
  EXPECT_EQ(count(log, Outcome::ok), kSuccesses);
  EXPECT_GT(count(log, Outcome::empty), 0U);
  EXPECT_EQ(log.failures_dropped + count(log, Outcome::empty), kSuccesses * kFailuresBetween);
  EXPECT_EQ(log.operations.data(), buffer) << "the probe allocated while threads were watched";
}

TEST(HistoryProbe, KeepsATornItemDespiteManyFailedTries) {
  ThreadLog log;
  log.operations.reserve(8);
  HistoryProbe probe(log, RoundPlan{}, 0);
  for (int i = 0; i < 100; ++i) {
    probe.begin();
    probe.end(Action::pop, 0, Outcome::empty);
  }
  probe.begin();
  probe.end(Action::pop, 1, Outcome::torn);
  EXPECT_EQ(count(log, Outcome::torn), 1U) << "without it the item would seem lost";
}

TEST(HistoryProbe, StampsIntervalsInProgramOrder) {
  ThreadLog log;
  HistoryProbe probe(log, RoundPlan{}, 3);
  for (std::uint64_t value = 1; value <= 100; ++value) {
    probe.begin();
    probe.end(Action::push, value, Outcome::ok, 1);
  }
  Ticks last = 0;
  for (const Operation& operation : log.operations) {
    EXPECT_GT(operation.invoked, last);
    EXPECT_GE(operation.returned, operation.invoked);
    EXPECT_EQ(operation.thread, 3U);
    EXPECT_EQ(operation.object, 1U);
    last = operation.returned;
  }
}

TEST(HistoryProbe, TakesNoStampsInAnUnstampedRound) {
  ThreadLog log;
  RoundPlan plan;
  plan.stamped = false;
  HistoryProbe probe(log, plan, 0);
  probe.begin();
  probe.end(Action::push, 1, Outcome::ok);
  ASSERT_EQ(log.operations.size(), 1U);
  EXPECT_EQ(log.operations[0].invoked, 0U);
  EXPECT_EQ(log.operations[0].returned, 0U);
}

TEST(LatencyProbe, RecordsSuccessesByDirectionAndNoFailedTries) {
  ThreadLog log;
  log.latencies.resize(2);
  LatencyProbe probe(log, RoundPlan{}, 0);
  const auto operation = [&](Action action, Outcome outcome) {
    probe.begin();
    probe.end(action, 1, outcome);
  };
  operation(Action::push, Outcome::full);
  operation(Action::push, Outcome::ok);
  operation(Action::pop, Outcome::empty);
  operation(Action::pop, Outcome::ok);
  operation(Action::pop, Outcome::ok);
  EXPECT_EQ(log.latencies[0].count(), 1U);
  EXPECT_EQ(log.latencies[1].count(), 2U);
}

}  // namespace
}  // namespace racetrack
