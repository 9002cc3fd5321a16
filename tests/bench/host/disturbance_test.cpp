#include "host/disturbance.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

Json answer(const Json& first_cpu, const Json& second_cpu, const Json& disturbed_rounds) {
  return {{"metrics", {{"items_per_s", 1.0}, {"disturbed_rounds_ratio", disturbed_rounds}}},
          {"placement",
           {{{"role", "producer"}, {"thread", 0}, {"cpu", first_cpu}},
            {{"role", "consumer"}, {"thread", 1}, {"cpu", second_cpu}}}}};
}

bool judge(Json answer) { return Disturbance().judge(answer); }

TEST(Disturbance, CountsWaitsOfThreadsWithProcessorsOfTheirOwn) {
  EXPECT_TRUE(judge(answer(0, 1, 0.3)));
  EXPECT_FALSE(judge(answer(0, 1, 0.2)));
}

TEST(Disturbance, IgnoresWaitsOfThreadsThatShareAProcessorOrAreNotPinned) {
  EXPECT_FALSE(judge(answer(0, 0, 1.0)));
  EXPECT_FALSE(judge(answer(0, nullptr, 1.0)));
}

TEST(Disturbance, NeedsNoKnownWaits) {
  EXPECT_FALSE(judge(answer(0, 1, nullptr)));
  Json unknown = answer(0, 1, 0.3);
  unknown["metrics"].erase("disturbed_rounds_ratio");
  EXPECT_FALSE(judge(unknown));
}

TEST(Disturbance, AddsTheStealToMetricsOnly) {
  Json measured = answer(0, 1, 0.1), failed = answer(0, 1, 0.1);
  failed["metrics"] = Json::object();
  EXPECT_FALSE(Disturbance().judge(measured));
  EXPECT_TRUE(measured["metrics"]["steal_ratio"].is_number());
  EXPECT_FALSE(Disturbance().judge(failed));
  EXPECT_TRUE(failed["metrics"].empty());
  Json none;
  EXPECT_FALSE(Disturbance().judge(none));
  EXPECT_TRUE(none.is_null());
}

}  // namespace
}  // namespace racetrack::host
