// Work of a known length: what a task computes, the same instructions everywhere, with a result that can be checked.
#pragma once

#include <cstdint>

namespace racetrack {

/// The step x -> a x + c modulo 2^64, Knuth's MMIX (The Art of Computer Programming, volume 2, 3.3.4). Composing it with itself
/// gives another map of this form, so the result of any number of steps is known without doing them.
struct Affine {
  std::uint64_t factor = 6364136223846793005U;
  std::uint64_t summand = 1442695040888963407U;

  [[nodiscard]] constexpr std::uint64_t operator()(std::uint64_t x) const noexcept { return factor * x + summand; }
  /// This map after `first`.
  [[nodiscard]] constexpr Affine after(const Affine& first) const noexcept {
    return {factor * first.factor, factor * first.summand + summand};
  }
};

/// `steps` steps from `x`, each of which needs the result of the one before: a multiplication and an addition in the processor's
/// registers, no memory. Not inlined, so that every subject runs the same instructions.
[[gnu::noinline]] inline std::uint64_t work(std::uint64_t x, std::uint64_t steps) noexcept {
  constexpr Affine kStep{};
  for (; steps != 0; --steps) {
    x = kStep(x);
    asm volatile("" : "+r"(x));  // no step may be merged with the next
  }
  return x;
}

/// What work(x, steps) does to every x, in log(steps) steps.
constexpr Affine effect_of_work(std::uint64_t steps) noexcept {
  Affine result{1, 0}, power{};
  for (; steps != 0; steps /= 2) {
    if (steps % 2 == 1) result = power.after(result);
    power = power.after(power);
  }
  return result;
}

}  // namespace racetrack
