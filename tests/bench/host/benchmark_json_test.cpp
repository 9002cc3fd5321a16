#include "host/benchmark_json.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace racetrack::host {
namespace {

nlohmann::json document(const std::string& name, unsigned fork) {
  return {{"context", {{"host_name", name + std::to_string(fork)}}},
          {"benchmarks",
           {{{"name", name + "/min_time:0.005/repeats:1/manual_time"},
             {"run_name", name + "/min_time:0.005/repeats:1/manual_time"},
             {"repetitions", 1},
             {"repetition_index", 0},
             {"real_time", fork}}}}};
}

nlohmann::json merged(const BenchmarkJson& all) {
  std::string text;
  all.write([&text](const std::string& piece) { text += piece; });
  nlohmann::json document = nlohmann::json::parse(text);
  EXPECT_EQ(text, document.dump(2) + "\n");
  return document;
}

TEST(BenchmarkJsonTest, SortsByCaseAndForkAndNumbersThem) {
  BenchmarkJson all(2);
  for (const auto& [name, fork] : {std::pair{"b", 1U}, {"b", 0U}, {"a", 0U}, {"a", 1U}})
    all.add(name, fork, document(name, fork));
  const nlohmann::json result = merged(all);
  ASSERT_EQ(result.at("benchmarks").size(), 4U);
  const char* names[] = {"a", "a", "b", "b"};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& entry = result.at("benchmarks")[i];
    EXPECT_EQ(entry.at("name"), names[i]);
    EXPECT_EQ(entry.at("run_name"), names[i]);
    EXPECT_EQ(entry.at("family_index"), i / 2);
    EXPECT_EQ(entry.at("repetitions"), 2);
    EXPECT_EQ(entry.at("repetition_index"), i % 2);
    EXPECT_EQ(entry.at("real_time"), i % 2);
  }
  EXPECT_EQ(result.at("context").at("host_name"), "a0");
}

TEST(BenchmarkJsonTest, SkipsChildrenThatMeasuredNothing) {
  BenchmarkJson all(1);
  all.add("a", 0, nullptr);
  all.add("b", 0, document("b", 0));
  const nlohmann::json result = merged(all);
  ASSERT_EQ(result.at("benchmarks").size(), 1U);
  EXPECT_EQ(result.at("benchmarks")[0].at("family_index"), 0);
}

TEST(BenchmarkJsonTest, WithoutResultsIsAnEmptyDocument) {
  const nlohmann::json expected = {{"context", nlohmann::json::object()}, {"benchmarks", nlohmann::json::array()}};
  EXPECT_EQ(merged(BenchmarkJson(6)), expected);
}

TEST(BenchmarkJsonTest, KeepsTheResultsOfAnEarlierCallAndSkipsMalformedOnes) {
  const std::filesystem::path file = testing::TempDir() + "racetrack_benchmark.json";
  BenchmarkJson earlier(2);
  earlier.add("a", 0, document("a", 0));
  earlier.add("a", 1, document("a", 1));
  nlohmann::json before = merged(earlier);
  for (const nlohmann::json& strange : {nlohmann::json(7), nlohmann::json::object(), nlohmann::json{{"name", 3}},
                                        nlohmann::json{{"name", "a"}, {"repetition_index", -1}}}) {
    before["benchmarks"].push_back(strange);
  }
  std::ofstream(file) << before.dump();
  BenchmarkJson all(2);
  all.add("a", 1, document("b", 1));
  EXPECT_EQ(all.add_earlier(file), "");
  const nlohmann::json result = merged(all);
  ASSERT_EQ(result.at("benchmarks").size(), 2U);
  EXPECT_EQ(result.at("benchmarks")[0].at("repetition_index"), 0);
  for (const char* text : {"", "7", "[]", "{", R"({"benchmarks": 3})", R"({"benchmarks": {}})"}) {
    std::ofstream(file) << text;
    EXPECT_NE(all.add_earlier(file), "") << text;
  }
  std::filesystem::remove(file);
  EXPECT_EQ(all.add_earlier(file), "");
  std::filesystem::create_directory(file);
  EXPECT_EQ(all.add_earlier(file), "is not a regular file");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace racetrack::host
