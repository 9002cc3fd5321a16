// The passage of each item through the queue: its push joined with its pop.
#pragma once

#include <cstddef>
#include <vector>

#include <racetrack/history.hpp>

#include "oracle/interval.hpp"

namespace racetrack::oracle {

/// An item that was pushed, or may have been (a pending push). When several pops returned it, `pop` is one of them, and
/// `out` spans from the first one's call to the last one's return.
struct Passage {
  const Operation* push = nullptr;
  const Operation* pop = nullptr;  ///< null: not popped
  Interval in, out;
  std::size_t push_place = 0, pop_place = 0;  ///< positions in their threads' program order
};

/// All operations on one object.
struct Passages {
  std::vector<Passage> items;
  std::vector<const Operation*> invented;  ///< popped, never pushed
  std::vector<const Operation*> repeated;  ///< popped again
  std::vector<const Operation*> doubled;   ///< pushed again: values are not distinct
  std::vector<const Operation*> torn;      ///< popped items that mix two items
  std::vector<const Operation*> empties, fulls;
  std::size_t pending_pops = 0;
  /// The call of the first pop that may have taken an unknown item: pending, or with a wrong answer.
  Ticks first_unnamed_pop = kNever;
};

/// Returns the passages of each object that a push or a pop names, in order of the objects. They point into `history`.
/// O(n log n).
std::vector<Passages> passages_of(const History& history);

/// Assigns every item without a pop to the first unnamed pop: no assignment of items to unnamed pops gives a stricter
/// order. Returns false when there was nothing to change.
bool excuse_leftovers(Passages& passages);

}  // namespace racetrack::oracle
