// Checks first-in-first-out order: of all items, or of each producer's.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Checks that no item overtakes one that was pushed before it. Pushes are ordered within a thread and, in a stamped
/// history, where one had returned before the other was called; the same holds for pops. Overlapping operations are
/// unordered. Judges only items that were popped: conservation reports missing ones. O(n log n).
Verdict fifo(const History& history);

/// The same check among the items of each producer.
Verdict per_producer(const History& history);

}  // namespace racetrack::oracle
