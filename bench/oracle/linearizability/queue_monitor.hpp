// Was it a first-in, first-out queue? Answered for millions of operations.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Which refusals are judged besides what succeeded: those that the subject's traits call exact.
struct ExactRefusals {
  bool empty = false;
  bool full = false;  ///< by fullness(), which is sound but not complete
};

/// Whether each object of `history` is linearizable as a FIFO queue, in O(n log n). An operation takes effect at one
/// moment between its call and its return; operations that overlap (by their stamps, widened by the skew) are free.
/// Values must be distinct within an object, else unknown.
///
/// Looks for the four patterns that, between them, every history of an unbounded queue contains that is not
/// linearizable (Henzinger, Sezgin, Vafeiadis: Aspect-oriented linearizability proofs, CONCUR 2013; Bouajjani, Emmi,
/// Enea, Hamza: On reducing linearizability to state reachability, ICALP 2015):
///   1. an item popped that nobody pushed, or popped before its push began (kind not_linearizable, as the next two),
///   2. an item popped twice,
///   3. a pushed before b, b popped before a, or b popped and a never,
///   4. a pop that said empty though the queue never was (kind false_empty; see emptiness()).
///
/// It is exact where the operations' order is an interval order: one clock, skew 0. The order within a thread counts
/// as well; where skew or equal stamps make a thread's own operations overlap, a failure is still a failure, and a
/// chain of three or more may be missed. Without stamps only the order within threads is known, and a pass says just
/// that none of these patterns is in it. Capacity is the capacity oracle's.
///
/// An operation that has not returned may have taken effect or not. A push counts where a pop names it. A pop, and a
/// pop whose item was torn, may have taken any item left over: where that could explain a pattern, the verdict is
/// unknown. A failure's witness names the operations that cannot be ordered.
Verdict queue_monitor(const History& history, ExactRefusals judged = {});

/// queue_monitor of what succeeded: detector oracle.linearizable_queue, kind not_linearizable.
Verdict linearizable_queue(const History& history);

}  // namespace racetrack::oracle
