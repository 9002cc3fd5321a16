// Nobody may be told "empty" while the queue never was.
#pragma once

#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

#include "oracle/passage.hpp"

namespace racetrack::oracle {

/// A pop that said empty had, between its call and its return, a moment at which the queue may have been empty. An
/// item is certainly inside after its push has returned and until its pop is called; no empty pop lies wholly under
/// the union of these spans, be it one item that was there throughout or several that relieved each other. Holds for
/// bags as for queues. Kind false_empty.
///
/// This is VWit of Henzinger, Sezgin, Vafeiadis: Aspect-oriented linearizability proofs (CONCUR 2013). It is exact:
/// where every empty pop has such a moment, every item can be put wholly before or wholly after it.
///
/// For subjects whose `empty` is exact. O(n log n). Without stamps nothing can be said: passes. Unknown when a pop
/// that did not say what it took (pending, or with a wrong answer) may have emptied the queue in time.
Verdict emptiness(const History& history);

/// The same, of a history's passages.
Verdict emptiness(const History& history, const std::vector<Passages>& objects);

}  // namespace racetrack::oracle
