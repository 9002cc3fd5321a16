#include "load/calibration.hpp"

#include <ctime>

#include <gtest/gtest.h>

#include "load/topology.hpp"

namespace racetrack::load {
namespace {

double monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

TEST(Calibrate, AgreesWithTheMonotonicClock) {
  const Clock clock = calibrate(20.0);
  ASSERT_GT(clock.ticks_per_ns, 0.0);
  // The interval is long compared with the time that another process can take between two readings.
  const double ns_before = monotonic_ns();
  const Ticks before = ticks_before();
  timespec pause{0, 200'000'000};
  nanosleep(&pause, nullptr);
  const Ticks after = ticks_after();
  const double ns = monotonic_ns() - ns_before;
  EXPECT_NEAR(clock.ns(after - before) / ns, 1.0, 0.1);
  EXPECT_NEAR(clock.ns(clock.ticks_of(1e9)), 1e9, 10.0);
}

TEST(MeasureSkew, OfOneProcessorOrNoneIsZero) {
  EXPECT_EQ(measure_skew({}), 0U);
  EXPECT_EQ(measure_skew({Topology::detect().compact.front()}), 0U);
}

TEST(MeasureSkew, OfTwoProcessorsIncludesTheTimeOfAMessage) {
  const Topology topology = Topology::detect();
  if (topology.hardware_threads() < 2) GTEST_SKIP() << "one processor only";
  const Ticks skew = measure_skew({topology.compact[0], topology.compact[1]});
  EXPECT_GT(skew, 0U);
  EXPECT_LT(calibrate(5.0).ns(skew), 1e9);  // a bound, not a difference that became negative and wrapped
}

}  // namespace
}  // namespace racetrack::load
