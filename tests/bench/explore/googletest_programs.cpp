// An ordinary file of GoogleTest, and a body of the explorer that uses its macros, for test_googletest.py.
#include <atomic>
#include <cstdlib>
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

/// With 40 the final count is 40 in both orders; with 1 it depends on the order.
class Parameterised : public testing::TestWithParam<int> {};
TEST_P(Parameterised, AddsItsParameter) {
  std::atomic<int> count{0};
  std::thread other([&] { count = GetParam() == 1 ? count + 1 : 40; });
  count = GetParam() == 1 ? count + 1 : 40;
  other.join();
  EXPECT_GE(count, 2) << "with " << GetParam();
}
INSTANTIATE_TEST_SUITE_P(Some, Parameterised, testing::Values(1, 40));
INSTANTIATE_TEST_SUITE_P(DISABLED_Others, Parameterised, testing::Values(1));

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest disables suites by their name
class DISABLED_Parameterised : public testing::TestWithParam<int> {};
TEST_P(DISABLED_Parameterised, IsNotRun) { FAIL(); }
INSTANTIATE_TEST_SUITE_P(Some, DISABLED_Parameterised, testing::Values(1));

template <class Count>
class Typed : public testing::Test {};
using Counts = testing::Types<std::atomic<int>, int>;
TYPED_TEST_SUITE(Typed, Counts);
TYPED_TEST(Typed, CountsTwice) {
  TypeParam count{0};
  std::thread other([&] { ++count; });
  ++count;
  other.join();
  EXPECT_EQ(count, 2);
}

/// Each execution sets its suite up, and finds the static member with its initial value.
class Suite : public testing::Test {
 protected:
  static void SetUpTestSuite() { ++times; }
  static int times;
};
int Suite::times = 0;
TEST_F(Suite, IsSetUpOnce) {
  std::thread other([] { EXPECT_EQ(times, 1); });
  other.join();
}
TEST_F(Suite, IsSetUpForEachTest) { EXPECT_EQ(times, 1); }

TEST(Death, StartsAProcess) { EXPECT_DEATH(std::abort(), ""); }

TEST(Skips, Always) { GTEST_SKIP() << "not here"; }
TEST(Skips, InSomeSchedules) {
  std::atomic<int> count{0};
  std::thread other([&] { count = count + 1; });
  const int seen = count;
  other.join();
  if (seen == 1) GTEST_SKIP() << "the other was first";
  EXPECT_EQ(count, 1);
}

RACETRACK_EXPLORE(expects_in_a_body) {
  std::atomic<int> count{0};
  std::thread other([&] { count = count + 1; });
  count = count + 1;
  other.join();
  EXPECT_EQ(count, 2);
}
