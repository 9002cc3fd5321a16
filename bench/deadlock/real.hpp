// The functions that this library interposes.
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <threads.h>

#include <atomic>

namespace racetrack::deadlock {

// X(name, result, (parameters))
#define RACETRACK_DEADLOCK_REAL(X)                                                                \
  X(pthread_mutex_lock, int, (pthread_mutex_t*))                                                  \
  X(pthread_mutex_trylock, int, (pthread_mutex_t*))                                               \
  X(pthread_mutex_timedlock, int, (pthread_mutex_t*, const timespec*))                            \
  X(pthread_mutex_clocklock, int, (pthread_mutex_t*, clockid_t, const timespec*))                 \
  X(pthread_mutex_unlock, int, (pthread_mutex_t*))                                                \
  X(pthread_mutex_init, int, (pthread_mutex_t*, const pthread_mutexattr_t*))                      \
  X(pthread_mutex_destroy, int, (pthread_mutex_t*))                                               \
  X(pthread_rwlock_rdlock, int, (pthread_rwlock_t*))                                              \
  X(pthread_rwlock_wrlock, int, (pthread_rwlock_t*))                                              \
  X(pthread_rwlock_tryrdlock, int, (pthread_rwlock_t*))                                           \
  X(pthread_rwlock_trywrlock, int, (pthread_rwlock_t*))                                           \
  X(pthread_rwlock_timedrdlock, int, (pthread_rwlock_t*, const timespec*))                        \
  X(pthread_rwlock_timedwrlock, int, (pthread_rwlock_t*, const timespec*))                        \
  X(pthread_rwlock_clockrdlock, int, (pthread_rwlock_t*, clockid_t, const timespec*))             \
  X(pthread_rwlock_clockwrlock, int, (pthread_rwlock_t*, clockid_t, const timespec*))             \
  X(pthread_rwlock_unlock, int, (pthread_rwlock_t*))                                              \
  X(pthread_rwlock_init, int, (pthread_rwlock_t*, const pthread_rwlockattr_t*))                   \
  X(pthread_rwlock_destroy, int, (pthread_rwlock_t*))                                             \
  X(pthread_cond_wait, int, (pthread_cond_t*, pthread_mutex_t*))                                  \
  X(pthread_cond_timedwait, int, (pthread_cond_t*, pthread_mutex_t*, const timespec*))            \
  X(pthread_cond_clockwait, int, (pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)) \
  X(pthread_barrier_wait, int, (pthread_barrier_t*))                                              \
  X(pthread_once, int, (pthread_once_t*, void (*)()))                                             \
  X(pthread_create, int, (pthread_t*, const pthread_attr_t*, void* (*)(void*), void*))            \
  X(pthread_cancel, int, (pthread_t))                                                             \
  X(pthread_exit, void, (void*))                                                                  \
  X(pthread_join, int, (pthread_t, void**))                                                       \
  X(pthread_clockjoin_np, int, (pthread_t, void**, clockid_t, const timespec*))                   \
  X(pthread_timedjoin_np, int, (pthread_t, void**, const timespec*))                              \
  X(sem_wait, int, (sem_t*))                                                                      \
  X(sem_trywait, int, (sem_t*))                                                                   \
  X(mtx_init, int, (mtx_t*, int))                                                                 \
  X(mtx_lock, int, (mtx_t*))                                                                      \
  X(mtx_trylock, int, (mtx_t*))                                                                   \
  X(mtx_timedlock, int, (mtx_t*, const timespec*))                                                \
  X(mtx_unlock, int, (mtx_t*))                                                                    \
  X(mtx_destroy, void, (mtx_t*))                                                                  \
  X(cnd_wait, int, (cnd_t*, mtx_t*))                                                              \
  X(cnd_timedwait, int, (cnd_t*, mtx_t*, const timespec*))                                        \
  X(thrd_create, int, (thrd_t*, int (*)(void*), void*))                                           \
  X(thrd_join, int, (thrd_t, int*))                                                               \
  X(call_once, void, (once_flag*, void (*)()))                                                    \
  X(syscall, long, (long, ...))                                                                   \
  X(sigaction, int, (int, const struct sigaction*, struct sigaction*))                            \
  X(signal, sighandler_t, (int, sighandler_t))                                                    \
  X(bsd_signal, sighandler_t, (int, sighandler_t))                                                \
  X(ssignal, sighandler_t, (int, sighandler_t))                                                   \
  X(sysv_signal, sighandler_t, (int, sighandler_t))                                               \
  X(__sysv_signal, sighandler_t, (int, sighandler_t))                                             \
  X(sigset, sighandler_t, (int, sighandler_t))

struct Real {
#define RACETRACK_DEADLOCK_MEMBER(name, result, parameters) result(*name) parameters;
  RACETRACK_DEADLOCK_REAL(RACETRACK_DEADLOCK_MEMBER)
#undef RACETRACK_DEADLOCK_MEMBER
};

extern Real real;

/// Fills `real` with the functions that the dynamic loader finds after this library. Allocates nothing and takes no
/// lock. Each interposed function ensures that this was called before.
void resolve_real() noexcept;

}  // namespace racetrack::deadlock
