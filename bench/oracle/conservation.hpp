// Nothing lost, nothing duplicated, nothing invented, nothing torn.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// What was pushed is what was popped, object by object. Values pushed into one object must be distinct. O(n log n). An
/// operation that had not returned may have taken effect or not: it excuses what it could explain (one lost item per
/// pending pop, one "invented" item that a pending push names).
Verdict conservation(const History& history);

}  // namespace racetrack::oracle
