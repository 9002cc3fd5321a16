#include "explore/schedule/strategy.hpp"

#include <bit>

namespace racetrack::explore {

// The seed is mixed first (splitmix64; Steele, Lea and Flood, OOPSLA 2014): seeds in a row must not give runs in a row.
Random::Random(std::uint64_t seed) noexcept {
  std::uint64_t z = seed + 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  state_ = (z ^ (z >> 31U)) | 1U;
}

ThreadId any_of(ThreadSet set, Random& random) noexcept {
  unsigned left = set, count = 0;
  for (; left != 0; left &= left - 1) ++count;
  left = set;
  for (unsigned skip = random.below(count); skip != 0; --skip) left &= left - 1;
  return static_cast<ThreadId>(std::countr_zero(left));
}

}  // namespace racetrack::explore
