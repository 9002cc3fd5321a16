// The monitor and the search decide the same question. They must agree, and where one is weaker it may only err on the
// side of passing.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "oracle/capacity.hpp"
#include "oracle/interval.hpp"
#include "oracle/linearizability/queue_monitor.hpp"
#include "oracle/linearizability/wing_gong_lowe.hpp"
#include "random_history.hpp"

namespace racetrack::testing {
namespace {

using oracle::interval_of;
using oracle::linearizable;
using oracle::queue_monitor;
using oracle::QueueModel;

constexpr oracle::SearchBudget kEnough{2'000'000};
constexpr oracle::ExactRefusals kEmpties{.empty = true, .full = false};

History some_history(const HistoryShape& shape, Random& random) {
  const std::size_t way = below(random, 10);
  if (way == 0) return wild_history(shape, random);
  History history = legal_history(shape, random);
  if (way >= 5) put_in(kFaults[below(random, std::size(kFaults))], history, random);
  if (way == 9) put_in(kFaults[below(random, std::size(kFaults))], history, random);
  return history;
}

HistoryShape some_shape(Random& random) {
  HistoryShape shape;
  shape.threads = 2 + below(random, 4);
  shape.operations = 3 + below(random, 11);
  shape.ties = chance(random, 0.5) ? 0.0 : 0.4;
  return shape;
}

std::string text_of(const History& history) {
  std::string text;
  const oracle::Epoch epoch(history);
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) text += epoch.describe_with_time(operation) + "\n";
  }
  return text;
}

/// "Full" by its definition: at some moment `capacity` items may have been in the queue.
bool every_full_is_possible(const History& history) {
  std::vector<const Operation*> pushes, fulls;
  std::vector<const Operation*> pops;
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) {
      if (operation.action == Action::pop && operation.outcome == Outcome::ok) pops.push_back(&operation);
      if (operation.action == Action::push) (operation.outcome == Outcome::full ? fulls : pushes).push_back(&operation);
    }
  }
  const auto may_be_inside = [&](const Operation& push, Ticks moment) {
    if (push.invoked > moment) return false;
    return std::none_of(pops.begin(), pops.end(),
                        [&](const Operation* pop) { return pop->value == push.value && pop->returned < moment; });
  };
  return std::all_of(fulls.begin(), fulls.end(), [&](const Operation* full) {
    for (Ticks moment = full->invoked; moment <= full->returned; ++moment) {
      const auto inside = std::count_if(pushes.begin(), pushes.end(),
                                        [&](const Operation* push) { return may_be_inside(*push, moment); });
      if (static_cast<std::uint64_t>(inside) >= history.capacity) return true;
    }
    return false;
  });
}

struct Tally {
  int pass = 0, unknown = 0, fail = 0;
  void add(Result result) { ++(result == Result::pass ? pass : result == Result::fail ? fail : unknown); }
};

void expect_both_classes(const Tally& tally, int all, const char* what) {
  std::printf("%s: %d legal, %d illegal, %d unknown to the monitor\n", what, tally.pass, tally.fail, tally.unknown);
  EXPECT_GT(tally.pass, all / 5);
  EXPECT_GT(tally.fail, all / 5);
}

TEST(LinearizabilityAgreement, OverlapsAndEmptiesOfAnUnboundedQueue) {
  constexpr int kHistories = 60'000;
  Random random(1);
  Tally tally;
  for (int i = 0; i < kHistories; ++i) {
    const History history = some_history(some_shape(random), random);
    const Verdict monitor = queue_monitor(history, kEmpties);
    const Verdict search = linearizable(history, QueueModel(), kEnough);
    ASSERT_NE(search.result, Result::unknown);
    ASSERT_EQ(monitor.result, search.result)
        << "history " << i << "\n"
        << text_of(history) << "monitor: " << monitor.witness << "\nsearch: " << search.witness;
    tally.add(monitor.result);
  }
  expect_both_classes(tally, kHistories, "unbounded");
}

TEST(LinearizabilityAgreement, PendingOperations) {
  constexpr int kHistories = 20'000;
  Random random(2);
  Tally tally;
  for (int i = 0; i < kHistories; ++i) {
    HistoryShape shape = some_shape(random);
    shape.pending = 0.5;
    const History history = some_history(shape, random);
    const Verdict monitor = queue_monitor(history, kEmpties);
    const Verdict search = linearizable(history, QueueModel(), kEnough);
    tally.add(monitor.result);
    if (monitor.result == Result::unknown) continue;
    ASSERT_EQ(monitor.result, search.result)
        << "history " << i << "\n"
        << text_of(history) << "monitor: " << monitor.witness << "\nsearch: " << search.witness;
  }
  expect_both_classes(tally, kHistories, "pending");
  EXPECT_LT(tally.unknown, kHistories / 10);
}

TEST(LinearizabilityAgreement, FullsByTheSoundTest) {
  constexpr int kHistories = 20'000;
  Random random(3);
  Tally tally, bounded;
  int missed = 0, fulls_wrong = 0;
  for (int i = 0; i < kHistories; ++i) {
    HistoryShape shape = some_shape(random);
    shape.capacity = 1 + below(random, 3);
    const History history = some_history(shape, random);
    const Verdict monitor = queue_monitor(history, {.empty = true, .full = true});
    // A bound that never refuses wrongly, combined with the definition of a possible "full".
    const Verdict search = linearizable(history, QueueModel(0, true, false), kEnough);
    const bool fulls_possible = every_full_is_possible(history);
    fulls_wrong += fulls_possible ? 0 : 1;
    const Result expected = search.result == Result::pass && !fulls_possible ? Result::fail : search.result;
    ASSERT_EQ(monitor.result, expected) << "history " << i << "\n" << text_of(history) << monitor.witness;
    tally.add(monitor.result);

    // A queue with this bound: a history that the monitor or the capacity oracle rejects is impossible for it.
    const Verdict exact = linearizable(history, QueueModel(shape.capacity), kEnough);
    const bool refused = monitor.result == Result::fail || oracle::capacity(history).result == Result::fail;
    bounded.add(exact.result);
    if (refused) {
      ASSERT_EQ(exact.result, Result::fail) << text_of(history);
    } else if (exact.result == Result::fail) {
      ++missed;
    }
  }
  expect_both_classes(tally, kHistories, "bounded");
  std::printf("bounded: %d histories with an impossible full; of %d illegal ones %d pass the monitor and capacity\n",
              fulls_wrong, bounded.fail, missed);
  EXPECT_GT(fulls_wrong, kHistories / 100);
  EXPECT_LT(missed, bounded.fail / 10);
}

TEST(LinearizabilityAgreement, WithSkewTheMonitorRejectsOnlyHistoriesThatTheSearchRejects) {
  constexpr int kHistories = 10'000;
  Random random(4);
  Tally tally;
  int missed = 0;
  for (int i = 0; i < kHistories; ++i) {
    History history = some_history(some_shape(random), random);
    history.skew = 1 + below(random, 3);
    history.stamped = below(random, 4) != 0;
    const Verdict monitor = queue_monitor(history, kEmpties);
    const Verdict search = linearizable(history, QueueModel(), kEnough);
    tally.add(monitor.result);
    if (monitor.result == Result::fail) {
      ASSERT_EQ(search.result, Result::fail) << "history " << i << "\n" << text_of(history) << monitor.witness;
    } else if (search.result == Result::fail) {
      ++missed;
    }
  }
  std::printf("skew: %d pass, %d fail, %d more fail only in the search\n", tally.pass, tally.fail, missed);
  EXPECT_GT(tally.fail, kHistories / 10);
}

/// Whether any order of all operations is legal, by trying each.
bool legal_in_some_order(const History& history) {
  std::vector<const Operation*> operations;
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) operations.push_back(&operation);
  }
  std::sort(operations.begin(), operations.end());
  do {
    bool legal = true;
    QueueModel queue;
    for (std::size_t i = 0; legal && i < operations.size(); ++i) {
      for (std::size_t j = i + 1; legal && j < operations.size(); ++j) {
        legal = !oracle::before(interval_of(*operations[j], history), interval_of(*operations[i], history));
      }
      legal = legal && queue.apply(*operations[i]);
    }
    if (legal) return true;
  } while (std::next_permutation(operations.begin(), operations.end()));
  return false;
}

TEST(LinearizabilityAgreement, TheSearchAgreesWithAllPermutations) {
  constexpr int kHistories = 2'000;
  Random random(5);
  Tally tally;
  for (int i = 0; i < kHistories; ++i) {
    HistoryShape shape;
    shape.threads = 2 + below(random, 3);
    shape.operations = 4 + below(random, 4);
    const History history = some_history(shape, random);
    const Verdict search = linearizable(history, QueueModel(), kEnough);
    ASSERT_EQ(search.result == Result::pass, legal_in_some_order(history)) << text_of(history);
    tally.add(search.result);
  }
  expect_both_classes(tally, kHistories, "permutations");
}

}  // namespace
}  // namespace racetrack::testing
