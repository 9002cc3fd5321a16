// Nobody may be told "full" while the queue cannot have been.
#pragma once

#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

#include "oracle/passage.hpp"

namespace racetrack::oracle {

/// Between the call and the return of a push that said full there was a moment at which history.capacity items may
/// have been inside: an item may be inside from the call of its push to the return of its pop. Kind false_full.
///
/// Sound, but not complete: moments are looked at one by one and each item's two ends as free of the others', so some
/// queue that was never full passes. For subjects whose `full` is exact and whose capacity is. O(n log n). Passes
/// where capacity is 0 (unbounded). Without stamps it fails only when fewer items than the capacity were pushed at
/// all.
Verdict fullness(const History& history);

/// The same, of a history's passages.
Verdict fullness(const History& history, const std::vector<Passages>& objects);

}  // namespace racetrack::oracle
