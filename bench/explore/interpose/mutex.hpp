// Mutexes, for condition variables and C11 mutexes as well.
#pragma once

#include <cstdint>

#include <pthread.h>

#include "explore/sync_object.hpp"
#include "explore/thread.hpp"

namespace racetrack::explore {

/// Like pthread_mutex_lock, but without a scheduling point. Returns ETIMEDOUT when the deadline comes first.
int lock_mutex(pthread_mutex_t* mutex, std::uint64_t deadline = Thread::kNever);
int try_lock_mutex(pthread_mutex_t* mutex);
int unlock_mutex(pthread_mutex_t* mutex);
/// Like pthread_mutex_init.
int begin_mutex(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes);
void end_mutex(pthread_mutex_t* mutex);
/// Locks an object that no thread holds, for the current thread.
void take_mutex(SyncObject& object);
/// Called at the end of the current thread: the next owner of each robust mutex that it holds gets EOWNERDEAD.
void leave_robust_mutexes();

}  // namespace racetrack::explore
