// First in, first out: of all items, or of each producer's.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// No item overtakes one that was pushed before it. Pushes are ordered within a thread, and, when the history is stamped, where
/// one had returned before the other was called; pops likewise. Overlapping operations are unordered. Judges items
/// that were popped; what is missing is conservation's. O(n log n).
Verdict fifo(const History& history);

/// The same among the items of each producer alone.
Verdict per_producer(const History& history);

}  // namespace racetrack::oracle
