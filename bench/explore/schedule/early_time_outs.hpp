// Decides when pending time-outs fire although another thread can run, for strategies that do not search.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "explore/schedule/random.hpp"

namespace racetrack::explore {

/// In most executions a time-out fires only when no other thread can run. In the others, three of four fire after a
/// random number of steps, whose mean is random for each execution.
class EarlyTimeOuts {
 public:
  static constexpr std::uint32_t kNotEarly = ~std::uint32_t{0};

  void begin(std::uint64_t seed) noexcept {
    seed_ = seed;
    drawn_ = false;
  }
  /// Returns the steps from the beginning of a wait to its time-out, 1 or more, or kNotEarly when it does not fire
  /// early.
  std::uint32_t draw() noexcept {
    if (!drawn_) {  // most executions have no time-outs
      static constexpr std::array<double, 8> kMeans{0, 0, 0, 0, 0, 3, 12, 50};
      random_ = Random(seed_ ^ 0x6561726c79U);  // independent of the strategy's own numbers
      mean_ = kMeans[random_.below(kMeans.size())];
      drawn_ = true;
    }
    if (mean_ == 0 || random_.below(4) == 0) return kNotEarly;
    return 1 + static_cast<std::uint32_t>(-std::log(1.0 - random_.share()) * mean_);
  }

 private:
  std::uint64_t seed_ = 0;
  bool drawn_ = false;
  Random random_;
  double mean_ = 0;
};

}  // namespace racetrack::explore
