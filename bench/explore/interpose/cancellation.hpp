// Deferred cancellation of threads (pthread_cancel), and the end of a thread by unwinding its stack.
#pragma once

#include "explore/thread.hpp"

namespace racetrack::explore {

/// At a cancellation point: ends the current thread when it is to be cancelled and allows that.
void test_cancellation();
/// As long as one lives, a cancellation ends the current thread's wait as if by its deadline.
class CancellableWait {
 public:
  CancellableWait();
  ~CancellableWait();
  CancellableWait(const CancellableWait&) = delete;
  CancellableWait& operator=(const CancellableWait&) = delete;

 private:
  Thread& thread_;
};

/// Destroys the objects on the current thread's stack and runs its cleanup handlers, then ends it.
[[noreturn]] void exit_thread(void* result);

}  // namespace racetrack::explore
