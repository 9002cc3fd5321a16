// Never two at once where one alone may be.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Mutual exclusion, object by object: a thread is certainly inside from the return of its acquire to the call of the
/// release that matches it; no other thread is certainly inside at the same moment unless both are so in shared mode.
/// The mode is the operations' value: kExclusive or kShared. Acquires nest (recursive locks): inside until as many
/// releases as acquires of that mode. Who never releases stays inside; refused tries and pending acquires are
/// nobody's; a release without an acquire is ignored. Kind exclusion. Needs stamps, passes without. O(n log n).
Verdict exclusion(const History& history);

}  // namespace racetrack::oracle
