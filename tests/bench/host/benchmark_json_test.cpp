#include "host/benchmark_json.hpp"

#include <gtest/gtest.h>

namespace racetrack::host {
namespace {

ForkDocument document(const std::string& name, unsigned fork) {
  return {name,
          fork,
          {{"context", {{"host_name", name + std::to_string(fork)}}},
           {"benchmarks",
            {{{"name", name + "/min_time:0.005/repeats:1/manual_time"},
              {"run_name", name + "/min_time:0.005/repeats:1/manual_time"},
              {"repetitions", 1},
              {"repetition_index", 0},
              {"real_time", fork}}}}}};
}

TEST(MergeBenchmarks, SortsByCaseAndForkAndNumbersThem) {
  const nlohmann::json merged =
      merge_benchmarks({document("b", 1), document("b", 0), document("a", 0), document("a", 1)}, 2);
  ASSERT_EQ(merged.at("benchmarks").size(), 4U);
  const char* names[] = {"a", "a", "b", "b"};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& entry = merged.at("benchmarks")[i];
    EXPECT_EQ(entry.at("name"), names[i]);
    EXPECT_EQ(entry.at("run_name"), names[i]);
    EXPECT_EQ(entry.at("family_index"), i / 2);
    EXPECT_EQ(entry.at("repetitions"), 2);
    EXPECT_EQ(entry.at("repetition_index"), i % 2);
    EXPECT_EQ(entry.at("real_time"), i % 2);
  }
  EXPECT_EQ(merged.at("context").at("host_name"), "a0");
}

TEST(MergeBenchmarks, PassesOverChildrenThatMeasuredNothing) {
  const nlohmann::json merged = merge_benchmarks({{"a", 0, nullptr}, document("b", 0)}, 1);
  ASSERT_EQ(merged.at("benchmarks").size(), 1U);
  EXPECT_EQ(merged.at("benchmarks")[0].at("family_index"), 0);
}

TEST(MergeBenchmarks, OfNothingIsAnEmptyDocument) {
  const nlohmann::json expected = {{"context", nlohmann::json::object()}, {"benchmarks", nlohmann::json::array()}};
  EXPECT_EQ(merge_benchmarks({}, 6), expected);
}

}  // namespace
}  // namespace racetrack::host
