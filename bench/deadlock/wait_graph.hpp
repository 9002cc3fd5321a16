// Who waits for whom. A deadlock is a cycle of threads of which each waits, without a time-out, for something that only the
// next one can give: a lock it holds, or its end (the AND model: one such cycle suffices).
//
// The search finds a cycle exactly when the thread that closes it looks: each thread publishes its wait before it looks, so
// the last one sees all.
#pragma once

#include <cstdint>

#include "deadlock/arena.hpp"
#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

enum class Answer : std::uint8_t { no, yes, unknown };

/// What the search asks about locks themselves.
class LockFacts {
 public:
  /// Whether a recorded hold is a real one: the lock may have been released by somebody else, or be another one at the
  /// same address.
  [[nodiscard]] virtual bool still_held(const ThreadRecord& thread, std::uintptr_t address,
                                        Kind kind) const noexcept = 0;
  /// Whether a thread in a wait for a condition has been woken and now waits for the mutex.
  [[nodiscard]] virtual Answer locks_again(const ThreadRecord& thread) const noexcept = 0;

 protected:
  ~LockFacts() = default;
};

struct Cycle {
  Array<ThreadRecord*> threads;    ///< each waits for the next, the last for the first
  Array<std::uint64_t> sequences;  ///< of their waits, as the search saw them
  bool abandoned = false;          ///< no cycle: the last one has ended, or is gone since a fork
  bool certain = true;             ///< false: it stands only if a woken waiter already waits for its mutex
};

/// Looks for what can never end the wait that `start` has published. Locks against itself; `cycle` is overwritten.
bool find_cycle(const ThreadTable& table, ThreadRecord& start, const LockFacts& facts, Cycle& cycle) noexcept;

/// Whether two searches found the same waits of the same threads.
bool same_cycle(const Cycle& a, const Cycle& b) noexcept;

/// In the only thread of a new process.
void reset_search_lock() noexcept;

}  // namespace racetrack::deadlock
