// Mutexes, for what builds on them: conditions, C11 mutexes.
#pragma once

#include <cstdint>

#include <pthread.h>

#include "explore/sync_object.hpp"
#include "explore/thread.hpp"

namespace racetrack::explore {

/// As pthread_mutex_lock, without a scheduling point of its own before it. ETIMEDOUT when the deadline comes first.
int lock_mutex(pthread_mutex_t* mutex, std::uint64_t deadline = Thread::kNever);
int try_lock_mutex(pthread_mutex_t* mutex);
int unlock_mutex(pthread_mutex_t* mutex);
/// As pthread_mutex_init.
int begin_mutex(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes);
void end_mutex(pthread_mutex_t* mutex);
/// The current thread takes a lock that nobody holds.
void take_mutex(SyncObject& object);
/// The current thread ends: the next owner of each robust mutex that it holds gets EOWNERDEAD.
void leave_robust_mutexes();

}  // namespace racetrack::explore
