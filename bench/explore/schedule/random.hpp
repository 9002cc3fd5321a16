// Random numbers for strategies.
#pragma once

#include <cstdint>

namespace racetrack::explore {

/// A small fast generator (xorshift64*; Marsaglia 2003, Vigna 2016).
class Random {
 public:
  /// Mixes the seed first (splitmix64; Steele, Lea and Flood, OOPSLA 2014): consecutive seeds must not give correlated
  /// sequences.
  constexpr explicit Random(std::uint64_t seed = 1) noexcept {
    std::uint64_t z = seed + 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    state_ = (z ^ (z >> 31U)) | 1U;
  }
  std::uint64_t operator()() noexcept {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return state_ * 0x2545F4914F6CDD1DU;
  }
  /// Below `count`.
  unsigned below(unsigned count) noexcept { return static_cast<unsigned>((((*this)() >> 32U) * count) >> 32U); }
  double share() noexcept { return static_cast<double>((*this)() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_ = 1;
};

}  // namespace racetrack::explore
