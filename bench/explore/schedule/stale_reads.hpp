// How often loads read older stores than the latest, where the strategy does not search.
#pragma once

#include <array>
#include <cstdint>

#include "explore/schedule/random.hpp"

namespace racetrack::explore {

/// Some faults need one stale read in the midst of a run that is otherwise as usual, others need them at every turn, and those of
/// interleavings none: how many is drawn for each execution.
class StaleReads {
 public:
  void begin(std::uint64_t seed) noexcept {
    random_ = Random(seed ^ 0x7374616c65U);  // other numbers than the strategy's own
    static constexpr std::array<std::uint32_t, 8> kOf256{0, 8, 32, 64, 128, 128, 192, 240};
    density_ = kOf256[random_.below(kOf256.size())];
  }
  /// How many newer stores there are than the one that is read, of `count` that may be.
  unsigned draw(unsigned count) noexcept { return random_.below(256) < density_ ? 1 + random_.below(count - 1) : 0; }

 private:
  Random random_;
  std::uint32_t density_ = 0;
};

}  // namespace racetrack::explore
