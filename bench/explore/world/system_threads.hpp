// System threads of this process: the explorer's own and others.
#pragma once

#include <string>

#include <pthread.h>

namespace racetrack::explore {

/// The number of system threads besides the calling one and the explorer's `made` ones. Waits up to 0.2 s for threads
/// that are ending. Returns 0 when the system does not provide the number.
unsigned uncontrolled_threads(unsigned made);

/// pthread_create() and thrd_create() for a thread that the explorer does not schedule. Return 0 or an error
/// number. Record the routine while the thread runs, for up to 64 such threads at once.
int start_uncontrolled(pthread_t* handle, const pthread_attr_t* attributes, void* (*routine)(void*), void* argument);
int start_uncontrolled(pthread_t* handle, int (*routine)(void*), void* argument);
/// The files whose code such threads run, as in "libfoo.so, my_test"; empty when none is known.
std::string files_of_uncontrolled();

}  // namespace racetrack::explore
