// Decides how often loads read older stores than the latest, for strategies that do not search.
#pragma once

#include <array>
#include <cstdint>

#include "explore/schedule/random.hpp"

namespace racetrack::explore {

/// Some faults need a single stale read, others need one at every turn, and those of interleavings need none. The share
/// of stale reads is random for each execution.
class StaleReads {
 public:
  void begin(std::uint64_t seed) noexcept {
    random_ = Random(seed ^ 0x7374616c65U);  // independent of the strategy's own numbers
    static constexpr std::array<std::uint32_t, 8> kOf256{0, 8, 32, 64, 128, 128, 192, 240};
    density_ = kOf256[random_.below(kOf256.size())];
  }
  /// Draws one of `count` stores that a load may read: the number of newer stores, 0 for the latest.
  unsigned draw(unsigned count) noexcept { return random_.below(256) < density_ ? 1 + random_.below(count - 1) : 0; }

 private:
  Random random_;
  std::uint32_t density_ = 0;
};

}  // namespace racetrack::explore
