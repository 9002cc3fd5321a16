#include "oracle/linearizability/wing_gong_lowe.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oracle/histories.hpp"
#include "oracle/linearizability/queue_monitor.hpp"
#include "oracle/random_history.hpp"

namespace racetrack::oracle {
namespace {

using ::testing::HasSubstr;

/// Each operation has its own thread, so that only stamps order them.
History of(std::vector<Operation> operations) {
  History history;
  for (std::uint32_t thread = 0; thread < operations.size(); ++thread) {
    operations[thread].thread = thread;
    history.threads.push_back({operations[thread]});
  }
  return history;
}

Operation read(std::uint64_t value, Ticks invoked, Ticks returned) {
  return {value, invoked, returned, 0, 0, Action::read, Outcome::ok};
}
Operation write(std::uint64_t value, Ticks invoked, Ticks returned, Outcome outcome = Outcome::ok) {
  return {value, invoked, returned, 0, 0, Action::write, outcome};
}

TEST(WingGongLowe, AReadReturnsTheLastWriteOrOneItOverlaps) {
  EXPECT_EQ(linearizable(of({write(7, 0, 10), read(0, 5, 6), read(7, 7, 8)}), RegisterModel()).result, Result::pass);
  EXPECT_EQ(linearizable(of({write(7, 0, 10), read(7, 5, 6), read(0, 7, 8)}), RegisterModel()).result, Result::fail);
  EXPECT_EQ(linearizable(of({write(7, 0, 10), read(0, 11, 12)}), RegisterModel()).result, Result::fail);
}

TEST(WingGongLowe, ATornReadFitsNoState) {
  History history = of({write(7, 0, 10), read(7, 11, 12)});
  EXPECT_EQ(linearizable(history, RegisterModel()).result, Result::pass);
  history.threads[1][0].outcome = Outcome::torn;
  EXPECT_EQ(linearizable(history, RegisterModel()).result, Result::fail);
}

TEST(WingGongLowe, APendingOperationTakesEffectOrNot) {
  const Operation pending = write(7, 0, 0, Outcome::pending);
  EXPECT_EQ(linearizable(of({pending, read(7, 5, 6)}), RegisterModel()).result, Result::pass);
  EXPECT_EQ(linearizable(of({pending, read(0, 5, 6)}), RegisterModel()).result, Result::pass);
  EXPECT_EQ(linearizable(of({pending, read(7, 5, 6), read(0, 7, 8)}), RegisterModel()).result, Result::fail);
}

TEST(WingGongLowe, AStackIsNotAQueue) {
  HistoryOf last_first(2);
  last_first.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 2, 5, 6).pop(1, 1, 7, 8);
  EXPECT_EQ(linearizable(last_first, StackModel()).result, Result::pass);
  EXPECT_EQ(linearizable(last_first, QueueModel()).result, Result::fail);
  HistoryOf first_first(2);
  first_first.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 1, 5, 6).pop(1, 2, 7, 8);
  EXPECT_EQ(linearizable(first_first, StackModel()).result, Result::fail);
  EXPECT_EQ(linearizable(first_first, QueueModel()).result, Result::pass);
}

TEST(WingGongLowe, ABoundedQueueRefusesWhenFullAndOnlyThen) {
  HistoryOf full(1);
  full.push(0, 1, 1, 2).push(0, 2, 3, 4, Outcome::full).pop(0, 1, 5, 6).pop(0, 0, 7, 8, Outcome::empty);
  EXPECT_EQ(linearizable(full, QueueModel(1)).result, Result::pass);
  EXPECT_EQ(linearizable(full, QueueModel(2)).result, Result::fail);
  EXPECT_EQ(linearizable(full, QueueModel(2, true, false)).result, Result::pass);
  HistoryOf overfull(1);
  overfull.push(0, 1, 1, 2).push(0, 2, 3, 4);
  EXPECT_EQ(linearizable(overfull, QueueModel(1)).result, Result::fail);
}

TEST(WingGongLowe, AMutexAdmitsOneOwnerOrManyReaders) {
  const auto stay = [](std::uint64_t mode, Ticks from, Ticks until) {
    return std::vector<Operation>{{mode, from, from + 1, 0, 0, Action::acquire, Outcome::ok},
                                  {mode, until, until + 1, 0, 0, Action::release, Outcome::ok}};
  };
  const auto two = [](std::vector<Operation> a, std::vector<Operation> b) {
    History history;
    for (Operation& operation : b) operation.thread = 1;
    history.threads = {std::move(a), std::move(b)};
    return history;
  };
  EXPECT_EQ(linearizable(two(stay(kExclusive, 0, 10), stay(kExclusive, 12, 20)), MutexModel()).result, Result::pass);
  EXPECT_EQ(linearizable(two(stay(kExclusive, 0, 10), stay(kExclusive, 5, 20)), MutexModel()).result, Result::fail);
  EXPECT_EQ(linearizable(two(stay(kShared, 0, 10), stay(kShared, 5, 20)), MutexModel()).result, Result::pass);
  EXPECT_EQ(linearizable(two(stay(kShared, 0, 10), stay(kExclusive, 5, 20)), MutexModel()).result, Result::fail);
}

TEST(WingGongLowe, OrdersAThreadsOperationsWithoutStamps) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 2, 5, 6).pop(1, 1, 7, 8);
  EXPECT_EQ(linearizable(history.unstamped(), QueueModel()).result, Result::fail);
}

TEST(WingGongLowe, ChecksEachObjectSeparately) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2, Outcome::ok, 0).push(0, 2, 3, 4, Outcome::ok, 1);
  history.pop(1, 2, 5, 6, Outcome::ok, 1).pop(1, 1, 7, 8, Outcome::ok, 0);
  EXPECT_EQ(linearizable(history, QueueModel()).result, Result::pass);
}

TEST(WingGongLowe, ReportsTheLongestOrderAndTheOperationsThatCannotFollow) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 2, 5, 6);
  const Verdict verdict = linearizable(history, QueueModel());
  EXPECT_EQ(verdict.kind, "not_linearizable");
  EXPECT_EQ(
      verdict.witness,
      "of 3 operations 2 can be put in an order; then (2 inside, next out item 1 of producer 0) none of these can be "
      "next: thread 1 popped item 2 of producer 0 at 4..5");
}

TEST(WingGongLowe, GivesUpOnFourClientsAnd400OperationsWhichTheMonitorDecides) {
  racetrack::testing::Random random(1);
  racetrack::testing::HistoryShape shape{.threads = 4, .operations = 400};
  History history = racetrack::testing::legal_history(shape, random);
  // Two items far back are swapped, so that every order of the operations before them has to be tried in vain.
  auto pops = std::vector<Operation*>();
  for (auto& thread : history.threads) {
    for (Operation& operation : thread) {
      if (operation.action == Action::pop && operation.outcome == Outcome::ok) pops.push_back(&operation);
    }
  }
  std::sort(pops.begin(), pops.end(), [](auto* a, auto* b) { return a->invoked < b->invoked; });
  std::swap(pops[pops.size() - 1]->value, pops[pops.size() - 9]->value);
  EXPECT_EQ(queue_monitor(history).result, Result::fail);
  const Verdict verdict = linearizable(history, QueueModel(), {5'000});
  EXPECT_EQ(verdict.result, Result::unknown);
  EXPECT_THAT(verdict.witness, HasSubstr("gave up"));
}

}  // namespace
}  // namespace racetrack::oracle
