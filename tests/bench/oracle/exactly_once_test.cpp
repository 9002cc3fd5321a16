#include "oracle/exactly_once.hpp"

#include <gtest/gtest.h>

namespace racetrack::oracle {
namespace {

constexpr std::uint64_t kTasks = 20;

/// Thread 0 submits; threads 1 and 2 run the tasks in turn.
History tasks() {
  History history;
  history.threads.resize(3);
  for (std::uint64_t task = 1; task <= kTasks; ++task) {
    const Ticks now = task * 100;
    const auto worker = static_cast<std::uint32_t>(1 + task % 2);
    history.threads[0].push_back({task, now, now + 10, 0, 0, Action::push, Outcome::ok});
    history.threads[worker].push_back({task, now + 5, now + 50, worker, 0, Action::run, Outcome::ok});
  }
  return history;
}

Operation* run_of(History& history, std::uint64_t task) { return &history.threads[1 + task % 2][(task - 1) / 2]; }

TEST(ExactlyOnce, PassesWhenEveryTaskRanOnce) {
  EXPECT_EQ(exactly_once(tasks()).result, Result::pass);
  EXPECT_EQ(exactly_once({}).result, Result::pass);
}

TEST(ExactlyOnce, FindsEveryMutant) {
  for (std::uint64_t task = 1; task <= kTasks; ++task) {
    History dropped = tasks();
    auto& worker = dropped.threads[1 + task % 2];
    worker.erase(worker.begin() + static_cast<std::ptrdiff_t>((task - 1) / 2));
    EXPECT_EQ(exactly_once(dropped).kind, "lost");

    History unsubmitted = tasks();
    unsubmitted.threads[0].erase(unsubmitted.threads[0].begin() + static_cast<std::ptrdiff_t>(task - 1));
    EXPECT_EQ(exactly_once(unsubmitted).kind, "invented");

    History refused = tasks();
    refused.threads[0][task - 1].outcome = Outcome::full;
    EXPECT_EQ(exactly_once(refused).kind, "invented");

    History twice = tasks();
    twice.threads[1].push_back(*run_of(twice, task));
    EXPECT_EQ(exactly_once(twice).kind, "duplicated");

    History another = tasks();
    run_of(another, task)->value = task % kTasks + 1;
    EXPECT_EQ(exactly_once(another).kind, "duplicated");

    History invented = tasks();
    run_of(invented, task)->value += 1000;
    EXPECT_EQ(exactly_once(invented).result, Result::fail);

    History early = tasks();
    run_of(early, task)->invoked -= 50;
    run_of(early, task)->returned = run_of(early, task)->invoked + 1;
    EXPECT_EQ(exactly_once(early).kind, "invented");
  }
}

TEST(ExactlyOnce, NamesTheTask) {
  History history = tasks();
  history.threads[1].pop_back();
  EXPECT_EQ(exactly_once(history).witness, "thread 0 submitted task 20 at 1900..1910, which never ran (1 of 20 tasks)");
  EXPECT_EQ(exactly_once(history).detector, "oracle.exactly_once");
}

TEST(ExactlyOnce, ATaskWhoseSubmissionHasNotReturnedMayRunOrNot) {
  History history = tasks();
  history.threads[0].back().outcome = Outcome::pending;
  EXPECT_EQ(exactly_once(history).result, Result::pass);
  history.threads[1].pop_back();
  EXPECT_EQ(exactly_once(history).result, Result::pass);
}

TEST(ExactlyOnce, ACancelledTaskNeedNotRun) {
  History history = tasks();
  history.threads[1].pop_back();
  history.threads[0].push_back({kTasks, 5000, 5001, 0, 0, Action::result, Outcome::cancelled});
  EXPECT_EQ(exactly_once(history).result, Result::pass);
  history.threads[0].back().value = kTasks - 1;
  EXPECT_EQ(exactly_once(history).kind, "lost");
}

TEST(ExactlyOnce, ARefusedTaskMayBeSubmittedAgain) {
  History history = tasks();
  Operation refused = history.threads[0].front();
  refused.outcome = Outcome::full;
  history.threads[0].insert(history.threads[0].begin(), refused);
  EXPECT_EQ(exactly_once(history).result, Result::pass);
}

TEST(ExactlyOnce, ForAStoppedRoundTasksThatDidNotRunAreUnknown) {
  History history = tasks();
  history.threads[1].pop_back();
  history.complete = false;
  EXPECT_EQ(exactly_once(history).result, Result::unknown);
}

TEST(ExactlyOnce, WithoutStampsOnlyTheOrderWithinAThreadCounts) {
  History history = tasks();
  history.stamped = false;
  EXPECT_EQ(exactly_once(history).result, Result::pass);
  History alone;
  alone.stamped = false;
  alone.threads.push_back({{1, 0, 0, 0, 0, Action::run, Outcome::ok}, {1, 0, 0, 0, 0, Action::push, Outcome::ok}});
  EXPECT_EQ(exactly_once(alone).kind, "invented");
}

}  // namespace
}  // namespace racetrack::oracle
