// The workload of the Point family: its mix of operations, and the recognition of torn reads.
#include <racetrack/point.hpp>

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

namespace racetrack::point {
namespace {

TEST(Mix, HasExactlyTheShareOfReads) {
  for (const std::uint64_t share : {0U, 1U, 50U, 90U, 99U, 100U}) {
    const Mix mix(share, 7, 0);
    EXPECT_EQ(std::count(mix.begin(), mix.end(), true), static_cast<std::ptrdiff_t>(share));
  }
}

TEST(Mix, DependsOnlyOnSeedAndThread) {
  const Mix mix(50, 7, 0), same(50, 7, 0), other_thread(50, 7, 1), other_seed(50, 8, 0);
  EXPECT_TRUE(std::equal(mix.begin(), mix.end(), same.begin()));
  EXPECT_FALSE(std::equal(mix.begin(), mix.end(), other_thread.begin()));
  EXPECT_FALSE(std::equal(mix.begin(), mix.end(), other_seed.begin()));
}

class WholePoint {
 public:
  void set(Coordinate x, Coordinate y) { now_ = {x, y}; }
  Coordinates get() const { return now_; }

 private:
  Coordinates now_{};
};

/// Returns the new x and the y of the previous set, as a reader between the two stores would. The first previous set is
/// (0, 0).
class TornPoint {
 public:
  void set(Coordinate x, Coordinate y) {
    before_ = now_;
    now_ = {x, y};
  }
  Coordinates get() const { return {now_.x, before_.y}; }

 private:
  Coordinates now_{}, before_{};
};

template <class Subject>
struct Ran {
  ThreadLog log;
  Verdict verdict;
  std::vector<Measurement> measurements;
};

template <class Subject>
Ran<Subject> run_alone(const char* read_share, std::uint64_t work) {
  Registry registry;
  registry.add<Family, Subject>("subject", {});
  const Scenario& scenario = registry.scenarios().front();
  const StopFlag stop;
  RoundPlan plan;
  plan.params.set("threads", "1");
  plan.params.set("read_share", read_share);
  plan.probe = ProbeKind::history;
  plan.work = work;
  plan.stop = &stop;
  const std::unique_ptr<Round> round = scenario.make_round(plan);
  Ran<Subject> ran;
  ran.log.counts.resize(scenario.counters.size());
  ran.log.operations.reserve(4 * work + 1024);
  round->run(0, ran.log);
  ran.verdict = round->check();
  ran.measurements = round->measurements();
  return ran;
}

TEST(ReadWrite, CountsReadsAndWrites) {
  const auto ran = run_alone<WholePoint>("90", 1050);
  EXPECT_EQ(ran.log.work_done, 1050U);
  EXPECT_EQ(ran.log.counts[kReads] + ran.log.counts[kWrites], 1050U);
  EXPECT_GE(ran.log.counts[kReads], 900U);
  EXPECT_EQ(ran.log.operations.size(), 1050U);
  EXPECT_EQ(ran.verdict.result, Result::pass);
  ASSERT_EQ(ran.measurements.size(), 2U);
  EXPECT_EQ(ran.measurements[0].first, "reads_per_s");
  EXPECT_GT(ran.measurements[0].second, ran.measurements[1].second);
}

TEST(ReadWrite, RecognisesEveryTornRead) {
  const auto ran = run_alone<TornPoint>("50", 1000);
  const auto torn = static_cast<std::uint64_t>(
      std::count_if(ran.log.operations.begin(), ran.log.operations.end(),
                    [](const Operation& operation) { return operation.outcome == Outcome::torn; }));
  EXPECT_EQ(ran.verdict.kind, "torn");
  EXPECT_EQ(ran.verdict.detector, "oracle.torn");
  EXPECT_EQ(ran.log.counts[kTornReads], torn);
  // All reads but those before the first set are torn.
  const auto first_write = std::find_if(ran.log.operations.begin(), ran.log.operations.end(),
                                        [](const Operation& operation) { return operation.action == Action::write; });
  EXPECT_EQ(torn, ran.log.counts[kReads] - static_cast<std::uint64_t>(first_write - ran.log.operations.begin()));
}

TEST(ReadWrite, WritesDistinctValues) {
  const auto ran = run_alone<WholePoint>("0", 500);
  std::vector<std::uint64_t> values;
  for (const Operation& operation : ran.log.operations) values.push_back(operation.value);
  std::sort(values.begin(), values.end());
  EXPECT_EQ(std::adjacent_find(values.begin(), values.end()), values.end());
}

}  // namespace
}  // namespace racetrack::point
