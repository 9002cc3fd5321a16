#include "oracle/linearizability/queue_monitor.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oracle/histories.hpp"

namespace racetrack::oracle {
namespace {

using ::testing::HasSubstr;

constexpr ExactRefusals kAll{.empty = true, .full = true};

TEST(QueueMonitor, LetsOverlappingOperationsTakeEffectInEitherOrder) {
  HistoryOf history(4);
  history.push(0, 1, 0, 10).push(1, 2, 5, 15).pop(2, 2, 20, 30).pop(3, 1, 25, 35);
  EXPECT_EQ(linearizable_queue(history).result, Result::pass);
  HistoryOf apart(4);
  apart.push(0, 1, 0, 4).push(1, 2, 5, 15).pop(2, 2, 20, 30).pop(3, 1, 31, 35);
  EXPECT_EQ(linearizable_queue(apart).result, Result::fail);
  HistoryOf touching(4);
  touching.push(0, 1, 0, 5).push(1, 2, 5, 15).pop(2, 2, 20, 30).pop(3, 1, 31, 35);
  EXPECT_EQ(linearizable_queue(touching).result, Result::pass);
}

TEST(QueueMonitor, NamesTheOperationsThatCannotBeOrdered) {
  HistoryOf history(3);
  history.push(0, 1, 100, 104).push(1, 2, 105, 115).pop(2, 2, 120, 130).pop(2, 1, 131, 135);
  const Verdict verdict = linearizable_queue(history);
  EXPECT_EQ(verdict.kind, "not_linearizable");
  EXPECT_EQ(verdict.detector, "oracle.linearizable_queue");
  EXPECT_EQ(verdict.witness,
            "thread 0 pushed item 1 of producer 0 at 0..4 before thread 1 pushed item 2 of producer 0 at 5..15, but "
            "thread 2 popped item 2 of producer 0 at 20..30 before thread 2 popped item 1 of producer 0 at 31..35");
}

TEST(QueueMonitor, ALeftoverIsLegalOnlyBehindAllPoppedItems) {
  HistoryOf behind(2);
  behind.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 1, 5, 6);
  EXPECT_EQ(linearizable_queue(behind).result, Result::pass);
  HistoryOf passed_over(2);
  passed_over.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 2, 5, 6);
  const Verdict verdict = linearizable_queue(passed_over);
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_THAT(verdict.witness, HasSubstr("no thread popped item 1 of producer 0"));
  EXPECT_EQ(linearizable_queue(passed_over.unstamped()).result, Result::fail);
}

TEST(QueueMonitor, APendingPushCountsIfItsItemWasPopped) {
  HistoryOf popped(2);
  popped.push(0, 1, 1, 0, Outcome::pending).pop(1, 1, 5, 6);
  EXPECT_EQ(linearizable_queue(popped).result, Result::pass);
  HistoryOf too_late(2);
  too_late.push(0, 1, 7, 0, Outcome::pending).pop(1, 1, 5, 6);
  EXPECT_EQ(linearizable_queue(too_late).result, Result::fail);
}

TEST(QueueMonitor, APendingPopMayHaveTakenAnItem) {
  HistoryOf in_time(3);
  in_time.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 0, 3, 0, Outcome::pending).pop(2, 2, 5, 6);
  EXPECT_EQ(linearizable_queue(in_time).result, Result::unknown);
  HistoryOf too_late(3);
  too_late.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 0, 7, 0, Outcome::pending).pop(2, 2, 5, 6);
  EXPECT_EQ(linearizable_queue(too_late).result, Result::fail);
}

TEST(QueueMonitor, IsUnknownIfValuesAreNotDistinct) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2).push(0, 1, 3, 4).pop(1, 1, 5, 6);
  EXPECT_EQ(linearizable_queue(history).result, Result::unknown);
}

TEST(QueueMonitor, ChecksEachObjectSeparately) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2, Outcome::ok, 0).push(0, 2, 3, 4, Outcome::ok, 1);
  history.pop(1, 2, 5, 6, Outcome::ok, 1).pop(1, 1, 7, 8, Outcome::ok, 0);
  EXPECT_EQ(linearizable_queue(history).result, Result::pass);
}

TEST(QueueMonitor, ChecksRefusalsOnlyIfTheyAreExact) {
  HistoryOf history(2, 2);
  history.push(0, 1, 1, 2).push(0, 2, 3, 4, Outcome::full).pop(1, 0, 5, 6, Outcome::empty).pop(1, 1, 7, 8);
  EXPECT_EQ(queue_monitor(history).result, Result::pass);
  EXPECT_EQ(queue_monitor(history, {.empty = true, .full = false}).kind, "false_empty");
  EXPECT_EQ(queue_monitor(history, {.empty = false, .full = true}).kind, "false_full");
}

TEST(QueueMonitor, SkewMakesNeighboursOverlapExceptWithinAThread) {
  HistoryOf across(4, 0, 3);
  across.push(0, 1, 0, 4).push(1, 2, 8, 15).pop(2, 2, 30, 40).pop(3, 1, 60, 70);
  EXPECT_EQ(linearizable_queue(across).result, Result::pass);
  HistoryOf producer(4, 0, 3);
  producer.push(0, 1, 0, 4).push(0, 2, 8, 15).pop(2, 2, 30, 40).pop(3, 1, 60, 70);
  EXPECT_EQ(linearizable_queue(producer).result, Result::fail);
  HistoryOf consumer(4, 0, 3);
  consumer.push(0, 1, 0, 4).push(1, 2, 28, 35).pop(2, 2, 50, 60).pop(2, 1, 61, 70);
  EXPECT_EQ(linearizable_queue(consumer).result, Result::fail);
}

/// Non-overlapping operations, so that every change is detectable: pushes and pops of a queue of at most three items,
/// and an empty pop whenever the queue is empty.
History one_after_another(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  HistoryOf history(4, 3);
  std::uint64_t pushed = 0, popped = 0;
  Ticks now = 10;
  while (popped < 30) {
    const auto thread = static_cast<std::uint32_t>(random() % 2);
    if (pushed < 30 && pushed - popped < 3 && random() % 2 == 0) {
      history.push(thread, ++pushed, now, now + 5);
    } else if (pushed - popped == 3 && random() % 2 == 0) {
      history.push(thread, 99, now, now + 5, Outcome::full);
    } else if (pushed > popped) {
      history.pop(2 + thread, ++popped, now, now + 5);
    } else {
      history.pop(2 + thread, 0, now, now + 5, Outcome::empty);
    }
    now += 10;
  }
  return history;
}

class EveryMutant : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  /// Calls change(history, operation) on a new copy for each operation. Each copy for which it returns true must be
  /// rejected.
  template <class Change>
  void expect_refused(const char* what, std::size_t least, const Change& change) {
    const History sound = one_after_another(GetParam());
    ASSERT_EQ(queue_monitor(sound, kAll).result, Result::pass) << queue_monitor(sound, kAll).witness;
    std::size_t mutants = 0;
    for (std::size_t t = 0; t < sound.threads.size(); ++t) {
      for (std::size_t i = 0; i < sound.threads[t].size(); ++i) {
        History mutant = sound;
        if (!change(mutant, t, i)) continue;
        ++mutants;
        const Verdict verdict = queue_monitor(mutant, kAll);
        EXPECT_EQ(verdict.result, Result::fail) << what << " of " << t << "/" << i;
        EXPECT_FALSE(verdict.witness.empty());
      }
    }
    EXPECT_GE(mutants, least) << what;
  }
  static bool is(const Operation& operation, Action action) {
    return operation.action == action && operation.outcome == Outcome::ok;
  }
};

TEST_P(EveryMutant, DroppedPush) {
  expect_refused("drop", 30, [](History& history, std::size_t t, std::size_t i) {
    auto& thread = history.threads[t];
    if (!is(thread[i], Action::push)) return false;
    thread.erase(thread.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  });
}

TEST_P(EveryMutant, DroppedPop) {
  expect_refused("drop", 29, [](History& history, std::size_t t, std::size_t i) {
    auto& thread = history.threads[t];
    if (!is(thread[i], Action::pop) || thread[i].value == 30) return false;  // the last item may stay in the queue
    thread.erase(thread.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  });
}

TEST_P(EveryMutant, DuplicatedPop) {
  expect_refused("duplicate", 29, [](History& history, std::size_t t, std::size_t i) {
    Operation& operation = history.threads[t][i];
    if (!is(operation, Action::pop) || operation.value == 1) return false;
    --operation.value;
    return true;
  });
}

TEST_P(EveryMutant, SwappedNeighbours) {
  for (const Action action : {Action::push, Action::pop}) {
    expect_refused("swap", 29, [action](History& history, std::size_t t, std::size_t i) {
      Operation& operation = history.threads[t][i];
      if (!is(operation, action) || operation.value == 30) return false;
      const std::uint64_t value = operation.value;
      for (auto& thread : history.threads) {
        for (Operation& other : thread) {
          if (is(other, action) && other.value == value + 1) other.value = value;
        }
      }
      operation.value = value + 1;
      return true;
    });
  }
}

TEST_P(EveryMutant, Invented) {
  expect_refused("invent", 30, [](History& history, std::size_t t, std::size_t i) {
    Operation& operation = history.threads[t][i];
    if (!is(operation, Action::pop)) return false;
    operation.value += 1000;
    return true;
  });
}

TEST_P(EveryMutant, Torn) {
  expect_refused("tear", 30, [](History& history, std::size_t t, std::size_t i) {
    Operation& operation = history.threads[t][i];
    if (!is(operation, Action::pop)) return false;
    operation.outcome = Outcome::torn;
    return true;
  });
}

TEST_P(EveryMutant, EmptyTooEarly) {
  expect_refused("empty too early", 30, [](History& history, std::size_t t, std::size_t i) {
    Operation& operation = history.threads[t][i];
    if (!is(operation, Action::pop)) return false;
    operation.value = 0;
    operation.outcome = Outcome::empty;
    return true;
  });
}

TEST_P(EveryMutant, FullTooEarly) {
  expect_refused("full too early", 30, [](History& history, std::size_t t, std::size_t i) {
    Operation& operation = history.threads[t][i];
    if (!is(operation, Action::push)) return false;
    operation.outcome = Outcome::full;
    return true;
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, EveryMutant, ::testing::Range<std::uint64_t>(0, 5));

}  // namespace
}  // namespace racetrack::oracle
