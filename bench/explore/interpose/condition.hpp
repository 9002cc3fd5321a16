// Condition variables, for C11 condition variables as well.
#pragma once

#include <cstdint>

#include <pthread.h>

namespace racetrack::explore {

/// As pthread_cond_timedwait, with a scheduling point before it. `deadline`: virtual nanoseconds.
int wait_on(pthread_cond_t* condition, pthread_mutex_t* mutex, std::uint64_t deadline);
/// Wakes up to `count` waiters, with a scheduling point before it.
void wake_waiters(pthread_cond_t* condition, unsigned count);
/// As pthread_cond_init.
int begin_condition(pthread_cond_t* condition, const pthread_condattr_t* attributes);
void end_condition(pthread_cond_t* condition);

}  // namespace racetrack::explore
