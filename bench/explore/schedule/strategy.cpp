#include "explore/schedule/strategy.hpp"

#include <bit>

namespace racetrack::explore {

ThreadId any_of(ThreadSet set, Random& random) noexcept {
  const auto count = static_cast<unsigned>(std::popcount(set));
  ThreadSet left = set;
  for (unsigned skip = random.below(count); skip != 0; --skip) left &= left - 1;
  return static_cast<ThreadId>(std::countr_zero(left));
}

}  // namespace racetrack::explore
