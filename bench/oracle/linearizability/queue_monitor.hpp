// Checks linearizability as a FIFO queue, for millions of operations.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// The refusals that are judged in addition to successful operations: those that the subject's traits declare exact.
struct ExactRefusals {
  bool empty = false;
  bool full = false;  ///< by fullness(), which is sound but not complete
};

/// Checks whether each object of `history` is linearizable as a FIFO queue, in O(n log n). An operation takes effect at
/// one time between its call and its return. Operations that overlap (by their stamps, extended by the skew) are
/// unordered. Values must be distinct within an object, else the verdict is unknown.
///
/// Searches for four patterns. Every history of an unbounded queue that is not linearizable contains one of them
/// (Henzinger, Sezgin, Vafeiadis: Aspect-oriented linearizability proofs, CONCUR 2013; Bouajjani, Emmi, Enea, Hamza: On
/// reducing linearizability to state reachability, ICALP 2015):
///   1. an item popped without a push, or before its push began (kind not_linearizable, as the next two),
///   2. an item popped twice,
///   3. a pushed before b, but b popped before a, or b popped and a never,
///   4. a pop that reported empty though the queue never was (kind false_empty; see emptiness()).
///
/// The check is exact where the operations' order is an interval order: one clock, skew 0. The order within a thread
/// counts as well. Where skew or equal stamps make operations of one thread overlap, every reported failure is still
/// correct, but a chain of three or more may be missed. Without stamps, only the order within threads is known, and a
/// pass states only that the history has none of these patterns. The capacity oracle checks the capacity.
///
/// A pending operation may or may not have taken effect. A pending push counts where a pop names its item. A pending
/// pop, and a pop whose item was torn, may have taken any remaining item: where that could explain a pattern, the
/// verdict is unknown. The witness of a failure names the operations that cannot be ordered.
Verdict queue_monitor(const History& history, ExactRefusals judged = {});

/// Runs queue_monitor on the successful operations: detector oracle.linearizable_queue, kind not_linearizable.
Verdict linearizable_queue(const History& history);

}  // namespace racetrack::oracle
