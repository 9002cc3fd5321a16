// Checks that no push reports "full" unless the queue may have been full.
#pragma once

#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

#include "oracle/passage.hpp"

namespace racetrack::oracle {

/// For each push that reported full, there must be a time between its call and its return at which history.capacity
/// items may have been inside. An item may be inside from the call of its push to the return of its pop. Kind
/// false_full.
///
/// Sound, but not complete: each time is checked on its own, and the two ends of an item are independent of those of
/// other items, so that some queues that were never full pass. For subjects whose `full` and capacity are exact. O(n
/// log n). Passes where capacity is 0 (unbounded). Without stamps it fails only when fewer items than the capacity were
/// pushed.
Verdict fullness(const History& history);

/// The same check, on the passages of a history.
Verdict fullness(const History& history, const std::vector<Passages>& objects);

}  // namespace racetrack::oracle
