// The stacks of all threads of this process, for the witness of a hang.
#pragma once

#include <string>
#include <vector>

namespace racetrack::stress {

/// The state of one thread.
struct ThreadState {
  int tid = 0;
  bool asleep_without_limit = false;  ///< in a futex wait without a timeout
  std::vector<void*> stack;           ///< return addresses, innermost first
};

/// Returns the kernel ids of the threads of this process, without the deadlock detector's own thread, which starts at
/// any time and does not belong to the subject.
std::vector<int> list_threads();

/// Returns those of the threads that belong to a sanitizer's runtime library: they block SIGSEGV. Threads of a subject
/// may block it too, so call this before the subject runs.
std::vector<int> list_sanitizer_threads();

/// Interrupts every other thread with a signal handler that records the thread's stack. A thread that does not respond
/// within a second has an empty stack. Call from one thread only.
std::vector<ThreadState> capture_threads();

/// Returns the stacks as text, thread by thread: the function where dynamic symbols provide it, else module+offset.
std::string describe(const std::vector<ThreadState>& threads);

}  // namespace racetrack::stress
