// The mix of reads and writes of a thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>

#include <racetrack/explore_hooks.hpp>

namespace racetrack::point {

/// A sequence of a hundred operations, exactly `read_share` of which are reads, shuffled by seed and thread. A thread
/// repeats the sequence. The share is exact, a choice costs one load from the thread's own cache line, and the branch
/// predictor learns the pattern: the measurement contains the Point and not the mispredictions of random choices.
class Mix {
 public:
  static constexpr std::size_t kLength = 100;

  Mix(std::uint64_t read_share, std::uint64_t seed, std::size_t thread) {
    const Unwatched unwatched;
    std::fill(reads_.begin(),
              reads_.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(read_share, kLength)), true);
    std::mt19937_64 random(seed * 0x9E3779B97F4A7C15U + thread);
    // Fisher-Yates shuffle; std::shuffle differs between standard libraries.
    for (std::size_t left = kLength; left > 1; --left) {
      std::swap(reads_[left - 1], reads_[random() % left]);
    }
  }

  [[nodiscard]] auto begin() const noexcept { return reads_.begin(); }
  [[nodiscard]] auto end() const noexcept { return reads_.end(); }

 private:
  std::array<bool, kLength> reads_{};
};

}  // namespace racetrack::point
