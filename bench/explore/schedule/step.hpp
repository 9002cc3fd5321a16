// One step of an execution in the reduced search: what it did, its alternatives, and those that must still be tried.
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

  // The alternatives at this step.
  ThreadSet candidates = 0;  ///< threads that may run
  ThreadSet costly = 0;      ///< candidates that a bound counts, because they spin or are `timed`
  ThreadSet timed = 0;       ///< candidates that are blocked and whose time-out would fire
  ThreadSet asleep = 0;      ///< need not be tried: an earlier step has covered their executions
  ThreadSet wanted = 0;      ///< must be tried
  ThreadSet done = 0;        ///< have been tried
  std::array<std::uint32_t, kMostThreads> asleep_since{};  ///< the step whose `finished` has the sleeper's footprint
  std::vector<std::pair<ThreadId, Footprint>> finished;    ///< footprints of the alternatives that have been tried

  // The alternative taken.
  ThreadId thread = 0;
  std::vector<Pick> picks;  ///< choices within the step
  Footprint footprint;
  std::uint32_t previous = 0;  ///< 1 + the thread's previous step; 0: none
  /// Steps that come before this one in every order: they made the thread runnable, or ended one that is joined.
  std::vector<std::uint32_t> follows;
  /// For each thread, 1 + its latest step that happens before the end of this one, by program order and dependence.
  std::array<std::uint32_t, kMostThreads> after{};
};

/// Computes `after` of the steps from `first` on. Where two steps that depend on each other could have come in the
/// other order, adds to `wanted` of an earlier step the thread that reverses them.
void reverse_races(std::vector<Step>& steps, std::size_t length, std::size_t first);

}  // namespace racetrack::explore
