// What threads did to a subject, in order to be judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <racetrack/clock.hpp>

namespace racetrack {

/// What a thread asked of the subject.
/// push and run are a task's too: it is submitted, and run. result: its future was asked.
enum class Action : std::uint8_t { push, pop, read, write, acquire, release, run, result };

/// What came of it. `pending`: the operation had not returned when the round was stopped. full: also a task that was refused. Of a run:
/// thrown. Of a result: thrown (what the task throws), wrong (another value or exception), cancelled (it will never run).
enum class Outcome : std::uint8_t { ok, empty, full, torn, pending, thrown, wrong, cancelled };

/// One operation of one thread. `invoked` and `returned` are 0 in a round without stamps; then only the order
/// within a thread is known.
struct Operation {
  std::uint64_t value = 0;
  Ticks invoked = 0;
  Ticks returned = 0;
  std::uint32_t thread = 0;
  std::uint16_t object = 0;  ///< which of the round's subjects (round_trip has two queues)
  Action action = Action::push;
  Outcome outcome = Outcome::ok;
};

/// Value of an acquire and of the release that ends it: who else may be inside.
inline constexpr std::uint64_t kExclusive = 0, kShared = 1;

/// A round as the oracles see it: the operations of each thread in program order, and what the subject promised.
struct History {
  std::vector<std::vector<Operation>> threads;
  std::uint64_t capacity = 0;  ///< actual; 0 = unbounded
  bool stamped = true;         ///< invoked and returned are set
  bool complete = true;        ///< false: the round was stopped by the watchdog
  Ticks skew = 0;              ///< intervals are this much wider on both sides than the stamps say
  /// Failed tries that were not kept because the buffer was full; successes are always kept.
  std::uint64_t failures_dropped = 0;
};

}  // namespace racetrack
