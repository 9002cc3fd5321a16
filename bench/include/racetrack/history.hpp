// The operations of threads on a subject, as recorded for the oracles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <racetrack/clock.hpp>

namespace racetrack {

/// The kind of an operation.
/// - push, pop: a queue's operations. A push also records that a task was submitted to a pool.
/// - read, write: a point's operations.
/// - acquire, release: a lock's operations.
/// - run: the body of a task or of a started thread or process.
/// - result: a thread asked a task's future for its result.
enum class Action : std::uint8_t { push, pop, read, write, acquire, release, run, result };

/// The outcome of an operation.
/// - ok: it succeeded.
/// - empty, full: the pop or push was refused. `full` is also the outcome of a push when a pool refused the task.
/// - torn: the value read mixes several writes.
/// - pending: the operation had not returned when the round was stopped.
/// - thrown: a run threw an exception, or a result threw the exception that the task throws.
/// - wrong: a result had another value or exception than the task's.
/// - cancelled: a result reported that the task will never run.
enum class Outcome : std::uint8_t { ok, empty, full, torn, pending, thrown, wrong, cancelled };

/// One operation of one thread. `invoked` and `returned` are 0 in a round without stamps; then only the order within
/// each thread is known.
struct Operation {
  std::uint64_t value = 0;
  Ticks invoked = 0;
  Ticks returned = 0;
  std::uint32_t thread = 0;
  std::uint16_t object = 0;  ///< index among the round's subjects (round_trip has two queues)
  Action action = Action::push;
  Outcome outcome = Outcome::ok;
};

/// Value of an acquire and of its release: whether other threads may hold the lock at the same time.
inline constexpr std::uint64_t kExclusive = 0, kShared = 1;

/// The input of the oracles: the operations of each thread in program order, and the properties of the subject.
struct History {
  std::vector<std::vector<Operation>> threads;
  std::uint64_t capacity = 0;  ///< actual; 0 = unbounded
  bool stamped = true;         ///< invoked and returned are set
  bool complete = true;        ///< false: the round was stopped by the watchdog
  Ticks skew = 0;              ///< clock skew: oracles extend each interval by this much at both ends
  /// Failed tries that were not recorded because the buffer was full. Successful operations are always recorded.
  std::uint64_t failures_dropped = 0;
};

}  // namespace racetrack
