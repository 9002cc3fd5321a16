// The memory of a campaign does not grow with its records.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include "host/benchmark_json.hpp"
#include "host/campaign.hpp"
#include "host/spool.hpp"
#include "host/summary.hpp"

namespace racetrack::host {
namespace {

/// The bytes that are allocated now, from the heap and by mmap.
std::size_t allocated() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

/// An answer as long as that of a child that measures a queue.
nlohmann::json answer() {
  nlohmann::json buckets = nlohmann::json::array();
  for (int i = 0; i < 300; ++i) buckets.push_back({i * 100 + 1, i + 1});
  return {{"verdict",
           {{"result", "pass"},
            {"kind", nullptr},
            {"detector", nullptr},
            {"k", 0},
            {"n", 9},
            {"witness", nullptr},
            {"replay", nullptr}}},
          {"as_expected", true},
          {"metrics", {{"items_per_s", 1e6}}},
          {"values", {{"items_per_s", {1e6, 2e6}}}},
          {"histograms", {{"push", {{"unit", "ns"}, {"count", 300}, {"buckets", buckets}}}}},
          {"oversubscribed", false},
          {"placement", nlohmann::json::array()}};
}

nlohmann::json failed(nlohmann::json answer) {
  answer["verdict"] = {{"result", "fail"}, {"kind", "lost"}, {"detector", "oracle.conservation"},
                       {"k", 1},           {"n", 9},         {"witness", {{"text", std::string(200, 'x')}}},
                       {"replay", nullptr}};
  answer["as_expected"] = false;
  return answer;
}

class GrowthTest : public testing::Test {
 public:
  GrowthTest() : folder_(std::filesystem::path(testing::TempDir()) / ("racetrack_growth." + std::to_string(getpid()))) {
    options_.plugins = {RACETRACK_FAULTY_QUEUES};
    options_.out = folder_;
    options_.seed = 1;
    options_.arguments = {"bench"};
    options_.quiet = true;
  }
  ~GrowthTest() override { std::filesystem::remove_all(folder_); }
  GrowthTest(const GrowthTest&) = delete;
  GrowthTest& operator=(const GrowthTest&) = delete;

 protected:
  std::filesystem::path folder_;
  CampaignOptions options_;
};

// A million records may take 100 MiB.
constexpr double kMostPerRecord = 100.0 * 1024 * 1024 / 1e6;

TEST_F(GrowthTest, AMillionRecordsTakeLessThan100MiB) {
  Campaign campaign(options_, {"bench", "bench"});
  Summary summary;
  Spool failures;
  BenchmarkJson benchmarks(10);
  const nlohmann::json document = {
      {"context", nlohmann::json::object()},
      {"benchmarks", {{{"name", "x"}, {"real_time", 1.5}, {"label", std::string(500, 'y')}}}}};
  campaign.observe([&](const nlohmann::json& record) {
    summary.add(record);
    failures.add(record["verdict"].dump());
  });
  campaign.begin(10, 0.05);
  const nlohmann::json good = answer(), bad = failed(answer());
  ChildOutcome outcome;
  outcome.answer = good.dump();
  const auto keep = [&](unsigned records, unsigned first) {
    for (unsigned i = first; i < first + records; ++i) {
      const Turn turn{&campaign.cases()[i % campaign.cases().size()], i, i, i, "2026-01-01T00:00:00.000Z"};
      ASSERT_TRUE(campaign.keep(turn, outcome, i % 2 == 0 ? good : bad, "racetrack bench --case x"));
      benchmarks.add(turn.which->name, i, document);
    }
  };
  keep(4000, 0);  // allocations that happen only once
  const std::size_t before = allocated();
  constexpr unsigned kRecords = 8000;
  keep(kRecords, 4000);
  const double grown = static_cast<double>(allocated()) - static_cast<double>(before);
  EXPECT_LT(grown / kRecords, kMostPerRecord) << grown << " bytes for " << kRecords << " records";
  const std::vector<Campaign::Planned> turns = campaign.turns(100);
  EXPECT_LE(sizeof turns[0], 8U);
  campaign.end(false);
}

TEST(SpoolTest, ReturnsItsContentInMemoryAndOnDisk) {
  Spool spool;
  std::vector<Spool::Place> places;
  std::string all;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = std::to_string(i) + std::string(static_cast<std::size_t>(i), 'x') + "\n";
    places.push_back(spool.add(text));
    all += text;
  }
  for (const int i : {0, 1, 1500, 2999}) {
    EXPECT_EQ(spool.text_at(places[static_cast<std::size_t>(i)]),
              std::to_string(i) + std::string(static_cast<std::size_t>(i), 'x') + "\n");
  }
  std::FILE* const file = std::tmpfile();
  spool.copy_to(file);
  std::string copied(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  ASSERT_EQ(std::fread(copied.data(), 1, copied.size(), file), copied.size());
  std::fclose(file);
  EXPECT_EQ(copied, all);
}

}  // namespace
}  // namespace racetrack::host
