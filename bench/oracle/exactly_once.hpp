// Every task is run, and run once.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Tasks are submitted (Action::push) and run (Action::run); each task's value is its own, object by object. Kinds:
/// lost (accepted, never run), duplicated (run twice), invented (run, but never submitted, refused, or run before it
/// was submitted).
///
/// A task whose future says that it was cancelled (Action::result) need not run. A task whose submission has not returned may run or not. A run that has not returned is a run. In a round that was
/// stopped a task that did not run gives unknown: it might have come. O(n log n); without stamps, `run before` is
/// seen only within a thread.
Verdict exactly_once(const History& history);

}  // namespace racetrack::oracle
