// Which operations of a thread are reads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>

#include <racetrack/explore_hooks.hpp>

namespace racetrack::point {

/// A hundred operations of which exactly `read_share` are reads, in an order that seed and thread decide. A thread goes through
/// them again and again: the share is exact, the choice costs one load of its own line, and a branch predictor learns
/// the pattern, so that what is measured is the Point and not mispredicted dice.
class Mix {
 public:
  static constexpr std::size_t kLength = 100;

  Mix(std::uint64_t read_share, std::uint64_t seed, std::size_t thread) {
    const Unwatched unwatched;
    std::fill(reads_.begin(),
              reads_.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(read_share, kLength)), true);
    std::mt19937_64 random(seed * 0x9E3779B97F4A7C15U + thread);
    for (std::size_t left = kLength; left > 1; --left) {  // Fisher and Yates; std::shuffle differs between libraries
      std::swap(reads_[left - 1], reads_[random() % left]);
    }
  }

  [[nodiscard]] auto begin() const noexcept { return reads_.begin(); }
  [[nodiscard]] auto end() const noexcept { return reads_.end(); }

 private:
  std::array<bool, kLength> reads_{};
};

}  // namespace racetrack::point
