// The wait-for graph. A deadlock is a cycle of threads, each of which waits without a time-out for a lock that the next
// thread holds, or for the next thread's end (the AND model: one such cycle suffices).
//
// The thread that closes a cycle finds it: each thread publishes its wait before it searches, so the last one sees all
// waits.
#pragma once

#include <cstdint>

#include "deadlock/arena.hpp"
#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

enum class Answer : std::uint8_t { no, yes, unknown };

/// Facts about locks that the search needs.
class LockFacts {
 public:
  /// Returns whether a recorded hold is real: another thread may have released the lock, or another lock may be at the
  /// address.
  [[nodiscard]] virtual bool still_held(const ThreadRecord& thread, std::uintptr_t address,
                                        Kind kind) const noexcept = 0;
  /// Returns whether a thread in a wait for a condition has been woken and now waits for the mutex.
  [[nodiscard]] virtual Answer locks_again(const ThreadRecord& thread) const noexcept = 0;

 protected:
  ~LockFacts() = default;
};

struct Cycle {
  Array<ThreadRecord*> threads;    ///< each waits for the next, the last for the first
  Array<std::uint64_t> sequences;  ///< sequences of their waits, as the search saw them
  bool abandoned = false;          ///< not a cycle: the last thread has ended, or does not exist after a fork
  bool certain = true;             ///< false: it is a deadlock only if a woken waiter already waits for its mutex
};

/// Searches for a reason why the wait that `start` has published can never end. Takes the search lock. Overwrites
/// `cycle`.
bool find_cycle(const ThreadTable& table, ThreadRecord& start, const LockFacts& facts, Cycle& cycle) noexcept;

/// Returns whether two searches found the same waits of the same threads.
bool same_cycle(const Cycle& a, const Cycle& b) noexcept;

/// Resets the lock in the child of a fork.
void reset_search_lock() noexcept;

}  // namespace racetrack::deadlock
