// Checks mutual exclusion.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Checks mutual exclusion for each object. A thread certainly holds the lock from the return of its acquire to the
/// call of the matching release. Two threads must not certainly hold it at the same time, unless both do so in shared
/// mode. The mode is the operations' value: kExclusive or kShared. Acquires nest (recursive locks): a thread holds the
/// lock until it has made as many releases as acquires of that mode. A thread that never releases holds it to the end.
/// Failed tries and pending acquires do not hold it; a release without an acquire is ignored. Kind exclusion. Needs
/// stamps, passes without. O(n log n).
Verdict exclusion(const History& history);

}  // namespace racetrack::oracle
