// Checks that every future reports the result of its task.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Tasks are submitted (Action::push) and run (Action::run, Outcome::thrown if it threw), and threads get results from
/// their futures (Action::result). Each task has a distinct value within its object. Kinds:
/// - wrong_result: the future returned another value or exception than the task, a value although the task threw, an
///   exception although it did not, or anything before the task had ended.
/// - lost_exception: the task threw, and its future returned a value or reported that the task would never run.
/// - lost_result: the task returned, and its future reported that the task would never run; or, in a complete round, no
///   thread got a result from the future of an accepted task although threads got those of others.
///
/// Histories without any result operation are not judged, because their threads do not wait for individual tasks. O(n
/// log n). Without stamps, `before the task had ended` is not detected.
Verdict futures(const History& history);

}  // namespace racetrack::oracle
