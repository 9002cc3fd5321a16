// Checks that a queue never holds more items than its capacity.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Checks that at no time more than history.capacity items were certainly in an object. An item is certainly inside
/// from the return of its push to the call of its pop. Needs stamps; passes without them, and where capacity is 0
/// (unbounded). O(n log n).
Verdict capacity(const History& history);

}  // namespace racetrack::oracle
