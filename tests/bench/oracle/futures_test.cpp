#include "oracle/futures.hpp"

#include <gtest/gtest.h>

namespace racetrack::oracle {
namespace {

constexpr std::uint64_t kTasks = 20;

bool throws(std::uint64_t task) { return task % 5 == 0; }

/// Thread 0 submits and queries the futures, thread 1 runs the tasks. Every fifth task throws.
History tasks() {
  History history;
  history.threads.resize(2);
  for (std::uint64_t task = 1; task <= kTasks; ++task) {
    const Ticks now = task * 100;
    const Outcome outcome = throws(task) ? Outcome::thrown : Outcome::ok;
    history.threads[0].push_back({task, now, now + 10, 0, 0, Action::push, Outcome::ok});
    history.threads[1].push_back({task, now + 20, now + 50, 1, 0, Action::run, outcome});
  }
  for (std::uint64_t task = 1; task <= kTasks; ++task) {
    const Ticks now = 3000 + task * 100;
    history.threads[0].push_back(
        {task, now, now + 10, 0, 0, Action::result, throws(task) ? Outcome::thrown : Outcome::ok});
  }
  return history;
}

Operation& run_of(History& history, std::uint64_t task) { return history.threads[1][task - 1]; }
Operation& result_of(History& history, std::uint64_t task) { return history.threads[0][kTasks + task - 1]; }

void remove_run(History& history, std::uint64_t task) {
  history.threads[1].erase(history.threads[1].begin() + static_cast<std::ptrdiff_t>(task - 1));
}

TEST(Futures, PassesWhenEveryFutureHasTheOutcomeOfItsTask) {
  EXPECT_EQ(futures(tasks()).result, Result::pass);
  EXPECT_EQ(futures({}).result, Result::pass);
}

TEST(Futures, FindsEveryMutant) {
  for (std::uint64_t task = 1; task <= kTasks; ++task) {
    History wrong = tasks();
    result_of(wrong, task).outcome = Outcome::wrong;
    EXPECT_EQ(futures(wrong).kind, "wrong_result");

    History other = tasks();
    result_of(other, task).outcome = throws(task) ? Outcome::ok : Outcome::thrown;
    EXPECT_EQ(futures(other).kind, throws(task) ? "lost_exception" : "wrong_result");

    History cancelled = tasks();
    result_of(cancelled, task).outcome = Outcome::cancelled;
    EXPECT_EQ(futures(cancelled).kind, throws(task) ? "lost_exception" : "lost_result");

    History unrun = tasks();
    remove_run(unrun, task);
    EXPECT_EQ(futures(unrun).kind, "wrong_result");

    History early = tasks();
    result_of(early, task).invoked = 1;
    result_of(early, task).returned = run_of(early, task).returned - 5;
    EXPECT_EQ(futures(early).kind, "wrong_result");

    History silent = tasks();
    silent.threads[0].erase(silent.threads[0].begin() + static_cast<std::ptrdiff_t>(kTasks + task - 1));
    EXPECT_EQ(futures(silent).kind, "lost_result");
  }
}

TEST(Futures, ATaskThatNeverRanMayBeCancelled) {
  History history = tasks();
  remove_run(history, 7);
  result_of(history, 7).outcome = Outcome::cancelled;
  EXPECT_EQ(futures(history).result, Result::pass);
}

TEST(Futures, AResultMayBeReadyBeforeTheTaskHasReturned) {
  History history = tasks();
  result_of(history, 7).invoked = 1;
  result_of(history, 7).returned = run_of(history, 7).returned + 1;
  EXPECT_EQ(futures(history).result, Result::pass);
}

TEST(Futures, OverlapsWithinTheSkewPass) {
  History history = tasks();
  result_of(history, 7).invoked = 1;
  result_of(history, 7).returned = run_of(history, 7).returned - 5;
  history.skew = 5;
  EXPECT_EQ(futures(history).result, Result::pass);
  history.skew = 0;
  history.stamped = false;
  EXPECT_EQ(futures(history).result, Result::pass);
}

TEST(Futures, TasksThatAreNotWaitedForOneByOneAreNotChecked) {
  History history = tasks();
  history.threads[0].resize(kTasks);
  EXPECT_EQ(futures(history).result, Result::pass);
}

TEST(Futures, ForAStoppedRoundFuturesThatWereNotQueriedPass) {
  History history = tasks();
  history.threads[0].pop_back();
  history.complete = false;
  EXPECT_EQ(futures(history).result, Result::pass);
}

TEST(Futures, NamesTheTask) {
  History history = tasks();
  result_of(history, 7).outcome = Outcome::wrong;
  EXPECT_EQ(futures(history).witness,
            "thread 1 ran task 7 at 620..650; but thread 0 got something else from the future of task 7 at 3600..3610");
  EXPECT_EQ(futures(history).detector, "oracle.futures");
}

}  // namespace
}  // namespace racetrack::oracle
