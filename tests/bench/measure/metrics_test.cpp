#include "measure/metrics.hpp"

#include <cmath>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace racetrack::measure {
namespace {

TEST(JainIndex, HasItsKnownValues) {
  EXPECT_DOUBLE_EQ(jain_index({5, 5, 5, 5}), 1.0);
  EXPECT_DOUBLE_EQ(jain_index({12, 0, 0}), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(jain_index({1, 2, 3}), 36.0 / 42.0);
  EXPECT_DOUBLE_EQ(jain_index({0, 0}), 1.0) << "no thread got anything, so the shares are equal";
}

TEST(Median, IsTheMiddleValueOrTheMeanOfTheTwo) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2.0);
  EXPECT_DOUBLE_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_DOUBLE_EQ(median({7}), 7.0);
  EXPECT_TRUE(std::isnan(median({})));
}

load::RoundOutcome round(std::uint64_t work, double seconds, double overlap, std::vector<std::uint64_t> shares) {
  load::RoundOutcome outcome;
  outcome.work = work;
  outcome.seconds = seconds;
  outcome.overlap = overlap;
  outcome.work_by_thread = std::move(shares);
  outcome.counts = {work / 2};
  outcome.finish_spread_ns = 100 * overlap;
  outcome.measurements = {{"fill_ns_per_item", overlap}};
  outcome.usage = {.cpu_ns = 2e9 * seconds, .voluntary_switches = 3, .involuntary_switches = 1};
  return outcome;
}

Scenario scenario() {
  Scenario scenario;
  scenario.counters = {"failed_push"};
  return scenario;
}

TEST(Metrics, AreTotalsOverTotalTimeAndMediansOverRounds) {
  const Scenario of_items = scenario();
  Metrics metrics(of_items);
  metrics.add(round(100, 1.0, 0.9, {50, 50}));
  metrics.add(round(300, 1.0, 0.5, {300, 0}));
  metrics.add(round(200, 2.0, 0.8, {100, 100}));
  const nlohmann::json numbers = metrics.numbers();
  EXPECT_DOUBLE_EQ(numbers.at("items_per_s"), 150.0);
  EXPECT_DOUBLE_EQ(numbers.at("ns_per_item"), 4e9 / 600);
  EXPECT_DOUBLE_EQ(numbers.at("cpu_ns_per_item"), 8e9 / 600);
  EXPECT_DOUBLE_EQ(numbers.at("voluntary_switches_per_s"), 9.0 / 4.0);
  EXPECT_DOUBLE_EQ(numbers.at("involuntary_switches_per_s"), 3.0 / 4.0);
  EXPECT_DOUBLE_EQ(numbers.at("overlap_ratio"), 0.8);
  EXPECT_DOUBLE_EQ(numbers.at("fairness_jain_ratio"), 1.0);
  EXPECT_DOUBLE_EQ(numbers.at("finish_spread_ns"), 80.0);
  EXPECT_DOUBLE_EQ(numbers.at("failed_push_per_item_ratio"), 0.5);
  EXPECT_DOUBLE_EQ(numbers.at("fill_ns_per_item"), 0.8);
  EXPECT_DOUBLE_EQ(numbers.at("rounds_count"), 3.0);
  EXPECT_DOUBLE_EQ(numbers.at("items_per_round_count"), 200.0);
  EXPECT_DOUBLE_EQ(numbers.at("round_s"), 4.0 / 3.0);
  EXPECT_EQ(metrics.values(), (nlohmann::json{{"items_per_s", {100.0, 300.0, 100.0}}}));
}

TEST(Metrics, CountRoundsInWhichAThreadWaitedForAProcessor) {
  const Scenario of_items = scenario();
  Metrics metrics(of_items);
  for (const std::optional<double> waited : {std::optional(0.5), std::optional(0.01), std::optional(0.0), {}}) {
    load::RoundOutcome outcome = round(100, 1.0, 1.0, {100});
    outcome.waited = waited;
    metrics.add(outcome);
  }
  EXPECT_DOUBLE_EQ(metrics.numbers().at("disturbed_rounds_ratio"), 1.0 / 3.0) << "of the rounds whose waits are known";
  Metrics unknown(of_items);
  unknown.add(round(100, 1.0, 1.0, {100}));
  EXPECT_FALSE(unknown.numbers().contains("disturbed_rounds_ratio"));
}

TEST(Metrics, AreNamedAfterTheUnitOfWorkAndEndInTheirUnits) {
  Scenario of_trips = scenario();
  of_trips.unit = "trip";
  Metrics metrics(of_trips);
  metrics.add(round(100, 1.0, 0.9, {100}));
  const nlohmann::json numbers = metrics.numbers();
  EXPECT_TRUE(numbers.contains("trips_per_s"));
  EXPECT_FALSE(numbers.contains("fairness_jain_ratio")) << "a single consumer has no share to compare";
  for (const auto& [name, value] : numbers.items()) {
    const std::string unit = name.substr(name.rfind('_') + 1);
    EXPECT_TRUE(unit == "s" || unit == "ns" || unit == "trip" || unit == "item" || unit == "ratio" || unit == "count")
        << name;
  }
}

TEST(Metrics, AreEmptyWithoutWork) {
  const Scenario of_items = scenario();
  EXPECT_TRUE(Metrics(of_items).numbers().empty());
  EXPECT_TRUE(Metrics(of_items).values().empty());
}

struct Latency {
  nlohmann::json numbers = nlohmann::json::object(), histograms = nlohmann::json::object();

  explicit Latency(std::uint64_t count, double floor_ns = 0.0) {
    Histogram histogram;
    for (std::uint64_t i = 0; i < count; ++i) histogram.record(2000);
    add_latency("push", histogram, {.ticks_per_ns = 2.0}, floor_ns, numbers, histograms);
  }
};

TEST(AddLatency, LeavesOutPercentilesWithFewerThanTenValuesBeyondThem) {
  const auto has = [](std::uint64_t count, const char* name) { return Latency(count).numbers.contains(name); };
  EXPECT_FALSE(has(19, "push_p50_ns"));
  EXPECT_TRUE(has(20, "push_p50_ns"));
  EXPECT_FALSE(has(99, "push_p90_ns"));
  EXPECT_TRUE(has(100, "push_p90_ns"));
  EXPECT_FALSE(has(999, "push_p99_ns"));
  EXPECT_TRUE(has(1000, "push_p99_ns"));
  EXPECT_FALSE(has(9'999, "push_p999_ns"));
  EXPECT_TRUE(has(10'000, "push_p999_ns"));
  EXPECT_TRUE(has(1, "push_max_ns"));
}

TEST(AddLatency, TurnsTicksIntoNanoseconds) {
  const Latency latency(20);
  EXPECT_NEAR(latency.numbers.at("push_p50_ns").get<double>(), 1000.0, 10.0);
  EXPECT_DOUBLE_EQ(latency.numbers.at("push_max_ns"), 1000.0);
  const auto& histogram = latency.histograms.at("push_ns");
  EXPECT_EQ(histogram.at("unit"), "ns");
  EXPECT_EQ(histogram.at("count"), 20);
  ASSERT_EQ(histogram.at("buckets").size(), 1U);
  EXPECT_NEAR(histogram.at("buckets")[0][0].get<double>(), 1000.0, 10.0);
  EXPECT_EQ(histogram.at("buckets")[0][1], 20);
}

TEST(AddLatency, LeavesOutLatenciesBelowTheClocksResolution) {
  EXPECT_TRUE(Latency(20, 900.0).numbers.contains("push_p50_ns"));
  EXPECT_TRUE(Latency(20, 1100.0).numbers.empty());
}

TEST(AddLatency, AddsNothingWithoutValues) {
  EXPECT_TRUE(Latency(0).numbers.empty());
  EXPECT_TRUE(Latency(0).histograms.empty());
}

}  // namespace
}  // namespace racetrack::measure
