// The random numbers that an execution gets from outside: from random devices, and in uninitialised memory. They follow
// from a seed in the execution's schedule, so that a replay draws the same ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "explore/schedule/random.hpp"

namespace racetrack::explore {

class Entropy {
 public:
  void begin_execution(std::uint32_t seed) noexcept {
    random_ = Random(seed ^ 0x656e74726f7079U);  // independent of the numbers of a strategy with the same seed
    used_ = false;
  }
  std::uint64_t draw() noexcept {
    used_ = true;
    return random_();
  }
  void fill(void* to, std::size_t size) noexcept {
    auto* at = static_cast<char*>(to);
    for (std::size_t left = size; left != 0;) {
      const std::uint64_t word = draw();
      const std::size_t part = std::min(left, sizeof word);
      std::memcpy(at, &word, part);
      at += part;
      left -= part;
    }
  }
  /// Whether the execution has drawn a number.
  [[nodiscard]] bool used() const noexcept { return used_; }

 private:
  Random random_;
  bool used_ = false;
};

}  // namespace racetrack::explore
