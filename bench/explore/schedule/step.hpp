// One step of an execution as the reduced search keeps it: what was done, what else could have been, and what is left to do.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "explore/schedule/footprint.hpp"
#include "explore/schedule/strategy.hpp"

namespace racetrack::explore {

/// From one scheduling decision to the next.
struct Step {
  struct Pick {
    std::uint8_t taken, branches;
  };

  // What could be done here.
  ThreadSet candidates = 0;  ///< may go on
  ThreadSet costly = 0;      ///< of the candidates: those that a bound counts, because they spin or are `timed`
  ThreadSet timed = 0;       ///< of the candidates: blocked threads, whose time-out would fire
  ThreadSet asleep = 0;      ///< need not: what they would lead to was seen from an earlier step
  ThreadSet wanted = 0;      ///< must be tried
  ThreadSet done = 0;        ///< have been
  std::array<std::uint32_t, kMostThreads>
      asleep_since{};                                    ///< the step whose `finished` tells what the sleeper would do
  std::vector<std::pair<ThreadId, Footprint>> finished;  ///< what those that have been tried did

  // What was done.
  ThreadId thread = 0;
  std::vector<Pick> picks;  ///< where the step itself could go on in several ways
  Footprint footprint;
  std::uint32_t previous = 0;  ///< 1 + the thread's step before; 0: none
  std::vector<std::uint32_t>
      follows;  ///< steps that no other order could put behind it: they made the thread runnable, or ended one
                ///< that is joined
  /// Per thread, 1 + its latest step that happens before this one's end: by program order and dependence.
  std::array<std::uint32_t, kMostThreads> after{};
};

/// Enters into the steps from `first` on what happens before each, and into all steps what must be tried there, because two steps that
/// depend on each other could have come in the other order.
void reverse_races(std::vector<Step>& steps, std::size_t length, std::size_t first);

}  // namespace racetrack::explore
