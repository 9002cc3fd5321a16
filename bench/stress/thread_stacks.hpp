// What every thread of this process is doing, for the witness of a hang.
#pragma once

#include <string>
#include <vector>

namespace racetrack::stress {

struct ThreadState {
  int tid = 0;
  bool asleep_without_limit = false;  ///< in a futex wait that has no time-out
  std::vector<void*> stack;           ///< return addresses, innermost first
};

/// The threads of this process by their kernel ids, without the deadlock detector's own, which begins whenever it likes and takes no
/// part.
std::vector<int> list_threads();

/// Interrupts every other thread with a signal and has it record its stack; a thread that does not answer within a second has none.
/// Call from one thread only.
std::vector<ThreadState> capture_threads();

/// The stacks as text, one thread after the other: function+offset where the dynamic symbols tell, else module+offset.
std::string describe(const std::vector<ThreadState>& threads);

}  // namespace racetrack::stress
