#include "load/round_runner.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace racetrack::load {
namespace {

/// A round whose threads execute a function of the test.
class FakeRound final : public Round {
 public:
  using Body = std::function<void(std::size_t, ThreadLog&, const RoundPlan&)>;

  FakeRound(const RoundPlan& plan, Body body) : plan_(plan), body_(std::move(body)) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"giver", 1}, {"taker", 2}}; }
  void run(std::size_t thread, ThreadLog& log) override { body_(thread, log, plan_); }
  void settle(ThreadLog& log) override { log.counts[0] += 1000; }
  [[nodiscard]] std::uint64_t capacity() const override { return 16; }
  [[nodiscard]] std::vector<Measurement> measurements() const override { return {{"answer_count", 42.0}}; }
  [[nodiscard]] Verdict check() const override { return {Result::fail, "lost", "oracle.sum", "as specified"}; }

 private:
  RoundPlan plan_;
  Body body_;
};

Scenario fake(FakeRound::Body body) {
  Scenario scenario;
  scenario.counters = {"tries"};
  scenario.latencies = {"nap"};
  scenario.make_round = [body = std::move(body)](const RoundPlan& plan) -> std::unique_ptr<Round> {
    return std::make_unique<FakeRound>(plan, body);
  };
  return scenario;
}

RoundRunner::Options options(std::chrono::nanoseconds patience) {
  RoundRunner::Options options;
  options.skew = 5;
  options.patience = patience;
  options.grace = patience;
  return options;
}

constexpr auto kLong = std::chrono::minutes(2);
constexpr auto kShort = std::chrono::milliseconds(20);
const std::vector<int> kAnywhere(3, -1);

TEST(RoundRunner, SumsUpTheLogsOfTheThreadsAndOfSettling) {
  const Scenario scenario = fake([](std::size_t thread, ThreadLog& log, const RoundPlan&) {
    log.counts[0] += thread + 1;
    log.work_done = 10 * thread;
    log.latencies[0].record(7);
  });
  RoundRunner runner(scenario, {}, kAnywhere, true, options(kLong));
  for (int round = 0; round < 2; ++round) {  // counts are of one round, latencies of all rounds since the last clear
    const RoundOutcome outcome = runner.run(ProbeKind::throughput, 64, 1);
    EXPECT_EQ(outcome.counts, std::vector<std::uint64_t>{1000 + 1 + 2 + 3});
    EXPECT_EQ(outcome.work, 30U);
    EXPECT_EQ(outcome.work_by_thread, (std::vector<std::uint64_t>{10, 20})) << "of the last role alone";
    EXPECT_EQ(outcome.finish_ns.size(), 2U);
    EXPECT_GT(outcome.seconds, 0.0);
    EXPECT_GE(outcome.overlap, 0.0);
    EXPECT_LE(outcome.overlap, 1.0);
    EXPECT_FALSE(outcome.stopped);
    EXPECT_EQ(outcome.check.kind, "lost");
    EXPECT_EQ(outcome.measurements, (std::vector<Measurement>{{"answer_count", 42.0}}));
  }
  EXPECT_EQ(runner.latencies()[0].count(), 6U);
  runner.clear_latencies();
  EXPECT_EQ(runner.latencies()[0].count(), 0U);
  EXPECT_EQ(runner.capacity(), 16U);
  EXPECT_EQ(runner.roles().size(), 2U);
}

TEST(RoundRunner, StopsARoundThatWaitsForAnEventThatNeverHappens) {
  const Scenario scenario = fake([](std::size_t, ThreadLog&, const RoundPlan& plan) {
    while (!plan.stop->raised()) std::this_thread::yield();
  });
  RoundRunner runner(scenario, {}, kAnywhere, true, {.patience = kShort, .grace = kLong});
  const RoundOutcome stopped = runner.run(ProbeKind::history, 64, 1);
  EXPECT_TRUE(stopped.stopped);
  EXPECT_FALSE(stopped.history.complete);
}

TEST(RoundRunner, ResetsTheStopFlagForTheNextRound) {
  int round = 0;
  const Scenario scenario = fake([&round](std::size_t, ThreadLog&, const RoundPlan& plan) {
    while (round == 1 && !plan.stop->raised()) std::this_thread::yield();
  });
  RoundRunner runner(scenario, {}, kAnywhere, true, {.patience = std::chrono::seconds(1), .grace = kLong});
  round = 1;
  EXPECT_TRUE(runner.run(ProbeKind::throughput, 64, 1).stopped);
  round = 2;
  EXPECT_FALSE(runner.run(ProbeKind::throughput, 64, 1).stopped);
}

TEST(RoundRunnerDeathTest, ReportsThreadsThatIgnoreTheStopFlagAsStuck) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  // Threads that never end need a separate process.
  const auto get_stuck = [] {
    const Scenario scenario = fake([](std::size_t thread, ThreadLog&, const RoundPlan&) {
      if (thread != 1) return;
      for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
    });
    RoundRunner runner(scenario, {}, kAnywhere, true, options(kShort));
    try {
      runner.run(ProbeKind::throughput, 64, 1);
    } catch (const RoundRunner::Stuck&) {
      std::_Exit(5);
    }
    std::_Exit(6);
  };
  EXPECT_EXIT(get_stuck(), testing::ExitedWithCode(5), "");
}

TEST(RoundRunner, RecordsAHistoryWithEveryThreadAndTheSettling) {
  const Scenario scenario = fake([](std::size_t thread, ThreadLog& log, const RoundPlan& plan) {
    EXPECT_EQ(plan.probe, ProbeKind::history);
    EXPECT_EQ(plan.seed, 99U);
    EXPECT_FALSE(plan.stamped);
    log.operations.push_back({.value = thread + 1});
  });
  RoundRunner runner(scenario, {}, kAnywhere, true, options(kLong));
  for (int round = 0; round < 2; ++round) {  // a second round starts with an empty history
    const History history = runner.run(ProbeKind::history, 64, 99, false).history;
    ASSERT_EQ(history.threads.size(), 4U);
    for (std::size_t thread = 0; thread < 3; ++thread) EXPECT_EQ(history.threads[thread].size(), 1U);
    EXPECT_TRUE(history.threads[3].empty());
    EXPECT_EQ(history.capacity, 16U);
    EXPECT_EQ(history.skew, 5U);
    EXPECT_FALSE(history.stamped);
    EXPECT_TRUE(history.complete);
  }
}

TEST(RoundRunner, ReservesSpaceForAllSuccessesOfARound) {
  constexpr std::uint64_t kWork = 500;
  const Scenario scenario = fake([](std::size_t, ThreadLog& log, const RoundPlan& plan) {
    EXPECT_GE(log.operations.capacity(), 2 * plan.work * 4 / 3);
  });
  RoundRunner(scenario, {}, kAnywhere, true, options(kLong)).run(ProbeKind::history, kWork, 1);
}

TEST(RoundRunner, PropagatesAnExceptionOfTheSubjectsConstructor) {
  Scenario scenario = fake({});
  RoundRunner runner(scenario, {}, kAnywhere, true, options(kLong));
  scenario.make_round = [](const RoundPlan&) -> std::unique_ptr<Round> { throw std::invalid_argument("too small"); };
  EXPECT_THROW(runner.run(ProbeKind::throughput, 64, 1), std::invalid_argument);
}

}  // namespace
}  // namespace racetrack::load
