// Threads of the subject, for C11 threads as well.
#pragma once

#include <cstdint>

#include <pthread.h>

#include "explore/thread.hpp"

namespace racetrack::explore {

/// The thread with this handle; null when there is none.
Thread* thread_of(pthread_t handle);
/// Like pthread_create and thrd_create, with a scheduling point before it. Ends the exploration when the routine
/// belongs to a library that waits by system calls without libc.
Thread& create_thread(pthread_t* handle, void* (*routine)(void*), void* argument);
Thread& create_thread(pthread_t* handle, int (*routine)(void*), void* argument);
/// Like pthread_join and pthread_detach: return 0 or an error number. `deadline`: in virtual nanoseconds, then
/// ETIMEDOUT.
int join_thread(pthread_t handle, void** result, std::uint64_t deadline = Thread::kNever);
int detach_thread(pthread_t handle);

}  // namespace racetrack::explore
