#include <racetrack/histogram.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace racetrack {
namespace {

constexpr std::uint64_t kLargest = (std::uint64_t{1} << Histogram::kMaxBits) - 1;

/// A random value; every number of bits is equally likely.
std::uint64_t any_magnitude(std::mt19937_64& random) {
  const auto bits = std::uniform_int_distribution<unsigned>(0, Histogram::kMaxBits)(random);
  return bits == 0 ? 0 : random() >> (64 - bits);
}

TEST(Histogram, StoresEveryValueWithinOnePercent) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t value = any_magnitude(random);
    const std::uint64_t known = Histogram::highest_of(Histogram::index_of(value));
    ASSERT_GE(known, value);
    ASSERT_LE(static_cast<double>(known - value), 0.01 * static_cast<double>(value)) << value << " known as " << known;
  }
}

TEST(Histogram, StoresSmallValuesExactly) {
  for (std::uint64_t value = 0; value < 256; ++value)
    EXPECT_EQ(Histogram::highest_of(Histogram::index_of(value)), value);
}

TEST(Histogram, BucketsFollowEachOtherWithoutGapOrOverlap) {
  for (std::size_t index = 0; index < Histogram::kBuckets; ++index) {
    const std::uint64_t highest = Histogram::highest_of(index);
    ASSERT_EQ(Histogram::index_of(highest), index);
    if (index + 1 < Histogram::kBuckets) {
      ASSERT_EQ(Histogram::index_of(highest + 1), index + 1);
    }
  }
  EXPECT_EQ(Histogram::highest_of(Histogram::kBuckets - 1), kLargest);
}

TEST(Histogram, CountsValuesBeyondItsRangeAsTheLargestButKeepsTheMaximum) {
  Histogram histogram;
  histogram.record(~std::uint64_t{0});
  EXPECT_EQ(histogram.max(), ~std::uint64_t{0});
  EXPECT_EQ(histogram.percentile(1.0), kLargest);
}

TEST(Histogram, MergingEqualsRecordingAllValues) {
  std::mt19937_64 random(2);
  Histogram all;
  std::vector<Histogram> parts(3);
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t value = any_magnitude(random);
    all.record(value);
    parts[random() % parts.size()].record(value);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  EXPECT_EQ(merged.count(), all.count());
  EXPECT_EQ(merged.max(), all.max());
  std::vector<std::pair<std::uint64_t, std::uint64_t>> of_merged, of_all;
  merged.for_each([&](std::uint64_t highest, std::uint64_t count) { of_merged.emplace_back(highest, count); });
  all.for_each([&](std::uint64_t highest, std::uint64_t count) { of_all.emplace_back(highest, count); });
  EXPECT_EQ(of_merged, of_all);
}

TEST(Histogram, PercentilesAreThoseOfTheSortedValues) {
  std::mt19937_64 random(3);
  for (const std::size_t size : {1U, 2U, 9U, 10U, 1000U, 12'345U}) {
    Histogram histogram;
    std::vector<std::uint64_t> values(size);
    for (std::uint64_t& value : values) histogram.record(value = any_magnitude(random));
    std::sort(values.begin(), values.end());
    for (const double share : {0.0, 0.25, 0.5, 0.75, 0.875, 1.0}) {  // exact in binary
      const double rank = std::ceil(share * static_cast<double>(size));
      const std::uint64_t value = values[std::max<std::size_t>(1, static_cast<std::size_t>(rank)) - 1];
      const std::uint64_t known = histogram.percentile(share);
      EXPECT_GE(known, value) << share << " of " << size;
      EXPECT_LE(static_cast<double>(known), 1.01 * static_cast<double>(value)) << share << " of " << size;
    }
    EXPECT_EQ(histogram.percentile(1.0), values.back());
  }
}

TEST(Histogram, IsZeroWithoutValuesAndAfterClear) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), 0U);
  histogram.record(7);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
  EXPECT_EQ(histogram.percentile(1.0), 0U);
  histogram.for_each([](std::uint64_t, std::uint64_t) { ADD_FAILURE() << "a bucket is left"; });
}

}  // namespace
}  // namespace racetrack
