#include "deadlock/thread_record.hpp"

#include <memory>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace racetrack::deadlock {
namespace {

struct SumOfHolds : ::testing::Test {
  void take(std::uintptr_t address) {
    thread.push(address, Kind::mutex, 1, nullptr);
    held.push_back(address);
  }
  void release(std::uintptr_t address) {
    ASSERT_TRUE(thread.pop(address));
    std::erase(held, address);
  }
  /// Adds the number of calls of the trait function to `calls`.
  std::uint64_t sum() {
    return thread.sum_of_holds([&](const Held& hold) {
      ++calls;
      return hold.address.load(std::memory_order_relaxed);
    });
  }
  [[nodiscard]] std::uint64_t right() const { return std::accumulate(held.begin(), held.end(), std::uint64_t{1}); }

  std::unique_ptr<ThreadTable> table = std::make_unique<ThreadTable>();
  ThreadRecord& thread = *table->add();
  std::vector<std::uintptr_t> held;
  std::size_t calls = 0;
};

TEST_F(SumOfHolds, CostsTheSameHoweverManyAreHeld) {
  for (const std::size_t many : {1U, 10U, 100U, 1000U}) {
    while (held.size() < many) take(0x1000 + held.size() * 64);
    EXPECT_EQ(sum(), right());
    calls = 0;
    constexpr std::size_t kAcquisitions = 50;
    for (std::size_t i = 0; i < kAcquisitions; ++i) {
      EXPECT_EQ(sum(), right());
      take(0x9000'0000);
      EXPECT_EQ(sum(), right());
      release(0x9000'0000);
    }
    EXPECT_EQ(calls, kAcquisitions) << many << " held: the trait function is called for the new hold only";
  }
}

TEST_F(SumOfHolds, IsCorrectAfterEveryChange) {
  EXPECT_EQ(sum(), 1U);
  for (std::uintptr_t address = 1; address <= 200; ++address) {
    take(address);
    if (address % 3 == 0) {
      EXPECT_EQ(sum(), right());
    }
    if (address % 5 == 0) release(held[held.size() / 2]);
    if (address % 7 == 0) {
      EXPECT_EQ(sum(), right());
    }
    if (address % 50 == 0) {
      thread.keep_holds([](const Held& hold) { return hold.address.load(std::memory_order_relaxed) % 2 == 0; });
      std::erase_if(held, [](std::uintptr_t each) { return each % 2 != 0; });
      EXPECT_EQ(sum(), right());
    }
  }
  while (!held.empty()) {
    release(held.front());
    EXPECT_EQ(sum(), right());
  }
}

TEST_F(SumOfHolds, ReadsAllTraitsAgainAfterTheyChanged) {
  for (std::uintptr_t address = 1; address <= 10; ++address) take(address);
  static_cast<void>(sum());
  thread.forget_sums();
  calls = 0;
  EXPECT_EQ(sum(), right());
  EXPECT_EQ(calls, 10U);
}

}  // namespace
}  // namespace racetrack::deadlock
