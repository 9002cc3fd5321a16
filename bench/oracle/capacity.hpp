// Never more items in the queue than it may hold.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// At no moment were there certainly more than history.capacity items in an object: an item is certainly inside from the return
/// of its push to the call of its pop. Needs stamps; passes without, and where capacity is 0 (unbounded). O(n log n).
Verdict capacity(const History& history);

}  // namespace racetrack::oracle
