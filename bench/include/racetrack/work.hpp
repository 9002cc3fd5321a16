// Work of a known length for tasks: the same instructions for every subject, with a result that can be checked.
#pragma once

#include <cstdint>

namespace racetrack {

/// The map x -> factor * x + summand modulo 2^64. The defaults are one step of Knuth's MMIX generator (The Art of
/// Computer Programming, volume 2, 3.3.4). The composition of two such maps is another one, so the result of any number
/// of steps can be computed without performing them.
struct Affine {
  std::uint64_t factor = 6364136223846793005U;
  std::uint64_t summand = 1442695040888963407U;

  [[nodiscard]] constexpr std::uint64_t operator()(std::uint64_t x) const noexcept { return factor * x + summand; }
  /// Returns the composition: first `first`, then this map.
  [[nodiscard]] constexpr Affine after(const Affine& first) const noexcept {
    return {factor * first.factor, factor * first.summand + summand};
  }
};

/// Performs `steps` steps from `x` and returns the result. Each step is a multiplication and an addition in registers
/// that depend on the previous step; no step accesses memory. Not inlined, so that every subject runs the same
/// instructions.
[[gnu::noinline]] inline std::uint64_t work(std::uint64_t x, std::uint64_t steps) noexcept {
  constexpr Affine kStep{};
  for (; steps != 0; --steps) {
    x = kStep(x);
    asm volatile("" : "+r"(x));  // no step may be merged with the next
  }
  return x;
}

/// Returns the map of `steps` steps: effect_of_work(steps)(x) == work(x, steps) for every x. O(log steps).
constexpr Affine effect_of_work(std::uint64_t steps) noexcept {
  Affine result{1, 0}, power{};
  for (; steps != 0; steps /= 2) {
    if (steps % 2 == 1) result = power.after(result);
    power = power.after(power);
  }
  return result;
}

}  // namespace racetrack
