// The way of each item through the queue: its push joined with its pop.
#pragma once

#include <cstddef>
#include <vector>

#include <racetrack/history.hpp>

#include "oracle/interval.hpp"

namespace racetrack::oracle {

/// An item that was pushed, or may have been (a push that has not returned). Where several pops took it, `pop` is one
/// of them, and `out` spans from the first one's call to the last one's return.
struct Passage {
  const Operation* push = nullptr;
  const Operation* pop = nullptr;  ///< null: nobody popped it
  Interval in, out;
  std::size_t push_place = 0, pop_place = 0;  ///< in their threads' program order
};

/// What happened to one object.
struct Passages {
  std::vector<Passage> items;
  std::vector<const Operation*> invented;  ///< popped, never pushed
  std::vector<const Operation*> repeated;  ///< popped again
  std::vector<const Operation*> doubled;   ///< pushed again: values are not distinct
  std::vector<const Operation*> torn;      ///< popped, of no item
  std::vector<const Operation*> empties, fulls;
  std::size_t pending_pops = 0;
  /// When the first pop was called that may have taken an item without saying which: pending, or with a wrong answer.
  Ticks first_unnamed_pop = kNever;
};

/// One for each object that a push or a pop names, in order of the objects. Points into `history`. O(n log n).
std::vector<Passages> passages_of(const History& history);

/// Lets every item that nobody popped leave with the first unnamed pop: no order of the operations that assigns items
/// to unnamed pops is stricter. False when there was nothing to change.
bool excuse_leftovers(Passages& passages);

}  // namespace racetrack::oracle
