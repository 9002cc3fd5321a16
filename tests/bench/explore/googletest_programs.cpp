// An ordinary file of GoogleTest, and a body of the explorer that uses its macros: for test_googletest.py.
#include <atomic>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include <racetrack/explore.hpp>

TEST(Counter, LosesAnUpdate) {
  std::atomic<int> count{0};
  std::thread other([&] { count = count + 1; });
  count = count + 1;
  other.join();
  EXPECT_EQ(count, 2);
}

TEST(Counter, CountsAll) {
  std::atomic<int> count{0};
  std::thread other([&] { ++count; });
  ++count;
  other.join();
  EXPECT_EQ(count, 2);
}

TEST(Counter, DISABLED_IsNotRun) { FAIL(); }

class Fixture : public testing::Test {
 protected:
  void SetUp() override { count_ = 40; }
  std::atomic<int> count_{0};
};

TEST_F(Fixture, FailsInAThread) {
  std::thread other([&] { ASSERT_EQ(count_.load(), 40) << "in the other thread"; });
  ++count_;
  other.join();
}

TEST_F(Fixture, ThrowsUnderOneSchedule) {
  std::thread other([&] { ++count_; });
  if (count_ == 41) throw std::runtime_error("it is too late");
  other.join();
}

RACETRACK_EXPLORE(expects_in_a_body) {
  std::atomic<int> count{0};
  std::thread other([&] { count = count + 1; });
  count = count + 1;
  other.join();
  EXPECT_EQ(count, 2);
}
