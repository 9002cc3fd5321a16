// Deferred cancellation of threads (pthread_cancel), and the end of a thread by unwinding its stack.
#pragma once

#include "explore/thread.hpp"

namespace racetrack::explore {

/// A cancellation point: ends the current thread when its cancellation is requested and enabled.
void test_cancellation();
/// While one exists, a cancellation ends the current thread's wait like a time-out.
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
