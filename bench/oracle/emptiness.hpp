// Checks that no pop reports "empty" unless the queue may have been empty.
#pragma once

#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

#include "oracle/passage.hpp"

namespace racetrack::oracle {

/// For each pop that reported empty, there must be a time between its call and its return at which the queue may have
/// been empty. An item is certainly inside after its push has returned and until its pop is called. So the interval of
/// an empty pop must not be covered by the union of these spans, whether one item covers it or several in succession.
/// This holds for bags and for queues. Kind false_empty.
///
/// This is VWit of Henzinger, Sezgin, Vafeiadis: Aspect-oriented linearizability proofs (CONCUR 2013). It is exact: if
/// every empty pop has such a time, every item can be ordered completely before or completely after it.
///
/// For subjects whose `empty` is exact. O(n log n). Passes without stamps. Unknown when a pop without a known item
/// (pending, or with a wrong answer) may have emptied the queue in time.
Verdict emptiness(const History& history);

/// The same check, on the passages of a history.
Verdict emptiness(const History& history, const std::vector<Passages>& objects);

}  // namespace racetrack::oracle
