// Every future tells what became of its task.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Tasks are submitted (Action::push) and run (Action::run, Outcome::thrown if it threw), and their futures are asked (Action::result);
/// each task's value is its own, object by object. Kinds:
/// wrong_result     the future gave another value or exception than the task, a value although the task threw, an exception although it
///                  did not, or anything before the task had ended
/// lost_exception   the task threw, and its future gave a value or said that the task would never run
/// lost_result      the task returned, and its future said that the task would never run; or, in a round that came to its end, nobody
///                  got anything from the future of an accepted task although others were asked
///
/// Tasks that nobody waits for one by one (no result operation at all in the history) are not judged. O(n log n); without stamps,
/// `before the task had ended` is not seen.
Verdict futures(const History& history);

}  // namespace racetrack::oracle
