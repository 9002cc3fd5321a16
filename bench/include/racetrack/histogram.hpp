// Counts of durations in log-linear buckets: fixed memory, mergeable, relative error at most 1 %.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace racetrack {

/// Log-linear histogram of unsigned values, with the bucket layout of HdrHistogram (Gil Tene, 2012). Every octave has
/// 128 equal buckets: values below 256 are exact, larger ones have a relative error of at most 1/128. Values of 2^48
/// and more count as 2^48 - 1. Memory: 43 KiB, allocated at construction. Not thread-safe: give each thread its own
/// histogram, then merge them.
class Histogram {
 public:
  static constexpr unsigned kSubBits = 7;
  static constexpr unsigned kMaxBits = 48;
  static constexpr std::size_t kBuckets = (kMaxBits - kSubBits + 1) << kSubBits;

  Histogram() : counts_(kBuckets, 0) {}

  /// Counts `value`. O(1).
  void record(std::uint64_t value) noexcept {
    ++counts_[index_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  /// Adds the counts of `other`. O(buckets).
  void merge(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  /// Removes all values.
  void clear() noexcept {
    std::fill(counts_.begin(), counts_.end(), 0);
    count_ = 0;
    max_ = 0;
  }

  /// Returns the number of recorded values.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Returns the largest recorded value, exactly; 0 when empty.
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// Returns the smallest bucket bound that at least `share` (0..1) of the values do not exceed; 0 when empty.
  [[nodiscard]] std::uint64_t percentile(double share) const noexcept {
    if (count_ == 0) return 0;
    const auto wanted = std::max<std::uint64_t>(1, ceil_to_integer(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      seen += counts_[i];
      if (seen >= wanted) return std::min(highest_of(i), max_);
    }
    return max_;
  }

  /// Calls visit(highest value of the bucket, count) for every non-empty bucket, in ascending order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (counts_[i] != 0) visit(highest_of(i), counts_[i]);
    }
  }

  /// Returns the index of the bucket that counts `value`.
  static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    // This case comes first, because most operations are short and the probe's work here delays its next stamp.
    if (value < std::uint64_t{2} << kSubBits) return static_cast<std::size_t>(value);
    value = std::min(value, (std::uint64_t{1} << kMaxBits) - 1);
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
    return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(value >> shift);
  }

  /// Returns the highest value that falls into bucket `index`.
  static constexpr std::uint64_t highest_of(std::size_t index) noexcept {
    if (index < (std::size_t{1} << (kSubBits + 1))) return index;
    const auto shift = static_cast<unsigned>((index >> kSubBits) - 1);
    const std::uint64_t sub = index - (static_cast<std::size_t>(shift) << kSubBits);
    return ((sub + 1) << shift) - 1;
  }

 private:
  static std::uint64_t ceil_to_integer(double value) noexcept {
    const auto whole = static_cast<std::uint64_t>(value);
    return static_cast<double>(whole) < value ? whole + 1 : whole;
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace racetrack
