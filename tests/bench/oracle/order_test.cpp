#include "oracle/order.hpp"

#include <gtest/gtest.h>

#include "oracle/histories.hpp"

namespace racetrack::oracle {
namespace {

class Order : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Order, PassesASoundHistory) {
  const History history = sound_history(GetParam(), 200, 8);
  EXPECT_EQ(fifo(history).result, Result::pass) << fifo(history).witness;
  EXPECT_EQ(per_producer(history).result, Result::pass);
}

TEST_P(Order, FindsTwoItemsOfOneProducerSwappedForOneConsumer) {
  History history = sound_history(GetParam(), 200, 8);
  auto& pops = history.threads[2];
  const auto first = std::find_if(pops.begin(), pops.end(), [](const Operation& o) { return o.value >> 48U == 0; });
  const auto second = std::find_if(first + 1, pops.end(), [](const Operation& o) { return o.value >> 48U == 0; });
  std::swap(first->value, second->value);
  EXPECT_EQ(fifo(history).kind, "reordered");
  EXPECT_EQ(per_producer(history).kind, "reordered");
  for (auto& thread : history.threads) {
    for (Operation& operation : thread) operation.invoked = operation.returned = 0;
  }
  history.stamped = false;
  EXPECT_EQ(fifo(history).kind, "reordered") << "program order needs no clock";
}

TEST_P(Order, FindsSwappedItemsThatAreFarApart) {
  History history = sound_history(GetParam(), 200, 8);
  std::swap(history.threads[2].front().value, history.threads[3].back().value);
  EXPECT_EQ(fifo(history).kind, "reordered");
  EXPECT_EQ(fifo(history).detector, "oracle.order");
}

INSTANTIATE_TEST_SUITE_P(Seeds, Order, testing::Range<std::uint64_t>(1, 21));

/// Producer 0 pushes 1 before producer 1 begins to push 2, but 2 is popped first.
HistoryOf overtaken(Ticks gap, Ticks skew) {
  HistoryOf history(4, 0, skew);
  history.push(0, 1, 100, 200).push(1, 2, 200 + gap, 1200);
  history.pop(2, 2, 2000, 2100).pop(3, 1, 2100 + gap, 3300);
  return history;
}

TEST(OrderOfProducers, CountsForFifoAndNotPerProducer) {
  EXPECT_EQ(fifo(overtaken(1, 0)).kind, "reordered");
  EXPECT_EQ(per_producer(overtaken(1, 0)).result, Result::pass);
}

TEST(OrderOfOneProducer, CountsAcrossConsumers) {
  HistoryOf history(3);
  history.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 2, 5, 6).pop(2, 1, 7, 8);
  EXPECT_EQ(fifo(history).kind, "reordered");
  EXPECT_EQ(per_producer(history).kind, "reordered");
  EXPECT_EQ(per_producer(history.unstamped()).result, Result::pass) << "two consumers: only stamps order their pops";
}

TEST(OrderOfOverlappingOperations, IsFree) {
  HistoryOf pushes_overlap(4);
  pushes_overlap.push(0, 1, 100, 200).push(1, 2, 150, 250).pop(2, 2, 300, 310).pop(2, 1, 320, 330);
  EXPECT_EQ(fifo(pushes_overlap).result, Result::pass);
  HistoryOf pops_overlap(4);
  pops_overlap.push(0, 1, 100, 200).push(1, 2, 300, 400).pop(2, 2, 500, 600).pop(3, 1, 550, 650);
  EXPECT_EQ(fifo(pops_overlap).result, Result::pass);
  HistoryOf touching(4);
  touching.push(0, 1, 100, 200).push(1, 2, 200, 300).pop(2, 2, 400, 500).pop(3, 1, 500, 600);
  EXPECT_EQ(fifo(touching).result, Result::pass) << "intervals are closed";
}

TEST(OrderUnderSkew, CountsOnlyIntervalsThatAreFurtherApartThanTwiceTheSkew) {
  EXPECT_EQ(fifo(overtaken(20, 10)).result, Result::pass);
  EXPECT_EQ(fifo(overtaken(21, 10)).kind, "reordered");
}

TEST(OrderOfObjects, ChecksEachSeparately) {
  HistoryOf history(3);
  history.push(0, 1, 1, 2, Outcome::ok, 0).push(0, 2, 3, 4, Outcome::ok, 1);
  history.pop(1, 2, 5, 6, Outcome::ok, 1).pop(1, 1, 7, 8, Outcome::ok, 0);
  EXPECT_EQ(fifo(history).result, Result::pass);
}

TEST(OrderOfMissingItems, IsLeftToConservation) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 2, 5, 6);
  EXPECT_EQ(fifo(history).result, Result::pass);
  EXPECT_EQ(fifo(History{}).result, Result::pass);
}

TEST(OrderOfManyItems, FindsAnOvertakerThatIsNotANeighbour) {
  // 1 stays in the queue until 4 has been popped; the pops of 2 and 3 overlap all other pops.
  HistoryOf history(8);
  history.push(0, 1, 10, 20).push(1, 2, 30, 40).push(2, 3, 50, 60).push(3, 4, 70, 80);
  history.pop(4, 2, 85, 900).pop(5, 3, 85, 900).pop(6, 4, 100, 110).pop(7, 1, 200, 210);
  const Verdict verdict = fifo(history);
  EXPECT_EQ(verdict.kind, "reordered");
  EXPECT_NE(verdict.witness.find("item 4"), std::string::npos) << verdict.witness;
  EXPECT_NE(verdict.witness.find("item 1"), std::string::npos) << verdict.witness;
}

}  // namespace
}  // namespace racetrack::oracle
