#include "measure/google_benchmark.hpp"

#include <gtest/gtest.h>

namespace racetrack::measure {
namespace {

TEST(TimeWithGoogleBenchmark, CountsTheRoundsAfterTheLastStartAndTheirManualTime) {
  int rounds = 0;
  const nlohmann::json document = time_with_google_benchmark(
      "queue/transfer/fake", 0.5, [&] { rounds = 0; },
      [&] {
        ++rounds;
        return TimedRound{0.1, 1000};
      });
  ASSERT_EQ(document.at("benchmarks").size(), 1U);
  const auto& entry = document.at("benchmarks")[0];
  EXPECT_GE(rounds, 5);
  EXPECT_EQ(entry.at("iterations"), rounds);
  EXPECT_NEAR(entry.at("real_time").get<double>(), 1e8, 1.0) << "nanoseconds of a round, whatever the wall clock says";
  EXPECT_NEAR(entry.at("items_per_second").get<double>(), 10'000.0, 0.1);
  EXPECT_EQ(entry.at("time_unit"), "ns");
}

TEST(TimeWithGoogleBenchmark, StopsAtARoundWhoseVerdictIsAFailure) {
  int rounds = 0;
  const nlohmann::json document = time_with_google_benchmark(
      "queue/transfer/fake", 0.5, [] {},
      [&] {
        ++rounds;
        return TimedRound{0.001, 1000, false};
      });
  EXPECT_EQ(rounds, 1);
  EXPECT_EQ(document.at("benchmarks")[0].at("error_occurred"), true);
}

}  // namespace
}  // namespace racetrack::measure
