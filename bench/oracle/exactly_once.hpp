// Checks that every task runs exactly once.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Tasks are submitted (Action::push) and run (Action::run). Each task has a distinct value within its object. Kinds:
/// - lost: accepted but never run.
/// - duplicated: run twice.
/// - invented: run, but never submitted, or refused, or run before it was submitted.
///
/// A task whose future reports that it was cancelled (Action::result) need not run. A task whose submission is pending
/// may or may not run. A pending run counts as a run. In a stopped round, a task that did not run gives unknown,
/// because it might have run later. O(n log n). Without stamps, `run before` is detected only within a thread.
Verdict exactly_once(const History& history);

}  // namespace racetrack::oracle
