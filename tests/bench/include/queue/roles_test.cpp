#include <racetrack/queue/roles.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace racetrack::queue {
namespace {

TEST(Claims, AddUpToTheNumberOfItems) {
  for (const std::uint64_t items : {0U, 1U, 2U, 63U, 64U, 65U, 1000U, 99'999U}) {
    for (const std::size_t consumers : {1U, 2U, 4U, 7U}) {
      Claims claims(items, consumers);
      std::uint64_t claimed = 0;
      while (const std::uint64_t batch = claims.claim()) claimed += batch;
      EXPECT_EQ(claimed, items) << consumers << " consumers";
      EXPECT_EQ(claims.claim(), 0U);
    }
  }
}

TEST(Claims, OfConcurrentThreadsAddUpToTheNumberOfItems) {
  constexpr std::uint64_t kItems = 1'000'003;
  Claims claims(kItems, 4);
  std::atomic<std::uint64_t> claimed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      std::uint64_t mine = 0;
      while (const std::uint64_t batch = claims.claim()) mine += batch;
      claimed += mine;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(claimed, kItems);
}

TEST(Item, ContainsItsProducerAndSequenceNumberAndDetectsTearing) {
  const std::uint64_t value = value_of(5, 77);
  EXPECT_EQ(producer_of(value), 5U);
  EXPECT_EQ(sequence_of(value), 77U);
  EXPECT_NE(value_of(0, 0), 0U);
  Item<64> item(value);
  EXPECT_TRUE(item.intact());
  item.words[7] = value_of(5, 78);
  EXPECT_FALSE(item.intact());
  EXPECT_EQ(item.value(), value);
}

}  // namespace
}  // namespace racetrack::queue
