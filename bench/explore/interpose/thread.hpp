// Threads of the subject, for what builds on pthread's: C11 threads.
#pragma once

#include <pthread.h>

#include "explore/thread.hpp"

namespace racetrack::explore {

/// Null when there is none.
Thread* thread_of(pthread_t handle);
/// As pthread_create, with a scheduling point before it.
Thread& create_thread(pthread_t* handle, void* (*routine)(void*), void* argument);
/// As pthread_join and pthread_detach. Return an error number, or 0.
int join_thread(pthread_t handle, void** result);
int detach_thread(pthread_t handle);

}  // namespace racetrack::explore
