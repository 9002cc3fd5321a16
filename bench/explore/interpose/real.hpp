// The functions of libc and libstdc++ that the explorer interposes.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

#include <cxxabi.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/types.h>
#include <unistd.h>

/// The section of the explorer's code that runs without `ExplorerScope`. Samples of the processor leave it out, and so
/// does the search for instructions of the subject.
#define RACETRACK_OWN_CODE __attribute__((section("racetrack_code")))

/// An interposed function: exported from the executable, so that plugins and libraries find it before libc's. Weak, so
/// that a program that defines a function of the same name keeps its own.
#define RACETRACK_INTERPOSED extern "C" RACETRACK_OWN_CODE __attribute__((visibility("default"), used, weak))

namespace racetrack::explore {

struct Real {
#define RACETRACK_REAL(name) decltype(&::name) name
  RACETRACK_REAL(pthread_create);
  RACETRACK_REAL(pthread_join);
  RACETRACK_REAL(pthread_detach);
  RACETRACK_REAL(pthread_exit);
  RACETRACK_REAL(pthread_setcanceltype);
  RACETRACK_REAL(pthread_setcancelstate);
  RACETRACK_REAL(pthread_testcancel);
  RACETRACK_REAL(pthread_cancel);
  RACETRACK_REAL(pthread_once);
  RACETRACK_REAL(pthread_key_create);
  RACETRACK_REAL(pthread_key_delete);
  RACETRACK_REAL(pthread_getspecific);
  RACETRACK_REAL(pthread_setspecific);
  RACETRACK_REAL(pthread_mutex_init);
  RACETRACK_REAL(pthread_mutex_lock);
  RACETRACK_REAL(pthread_mutex_trylock);
  RACETRACK_REAL(pthread_mutex_timedlock);
  RACETRACK_REAL(pthread_mutex_clocklock);
  RACETRACK_REAL(pthread_mutex_unlock);
  RACETRACK_REAL(pthread_mutex_consistent);
  RACETRACK_REAL(pthread_mutex_destroy);
  RACETRACK_REAL(pthread_spin_init);
  RACETRACK_REAL(pthread_spin_lock);
  RACETRACK_REAL(pthread_spin_trylock);
  RACETRACK_REAL(pthread_spin_unlock);
  RACETRACK_REAL(pthread_spin_destroy);
  RACETRACK_REAL(pthread_rwlock_init);
  RACETRACK_REAL(pthread_rwlock_rdlock);
  RACETRACK_REAL(pthread_rwlock_tryrdlock);
  RACETRACK_REAL(pthread_rwlock_timedrdlock);
  RACETRACK_REAL(pthread_rwlock_clockrdlock);
  RACETRACK_REAL(pthread_rwlock_wrlock);
  RACETRACK_REAL(pthread_rwlock_trywrlock);
  RACETRACK_REAL(pthread_rwlock_timedwrlock);
  RACETRACK_REAL(pthread_rwlock_clockwrlock);
  RACETRACK_REAL(pthread_rwlock_unlock);
  RACETRACK_REAL(pthread_rwlock_destroy);
  RACETRACK_REAL(pthread_cond_init);
  RACETRACK_REAL(pthread_cond_wait);
  RACETRACK_REAL(pthread_cond_timedwait);
  RACETRACK_REAL(pthread_cond_clockwait);
  RACETRACK_REAL(pthread_cond_signal);
  RACETRACK_REAL(pthread_cond_broadcast);
  RACETRACK_REAL(pthread_cond_destroy);
  RACETRACK_REAL(pthread_barrier_init);
  RACETRACK_REAL(pthread_barrier_wait);
  RACETRACK_REAL(pthread_barrier_destroy);
  RACETRACK_REAL(sem_init);
  RACETRACK_REAL(sem_destroy);
  RACETRACK_REAL(sem_wait);
  RACETRACK_REAL(sem_trywait);
  RACETRACK_REAL(sem_timedwait);
  RACETRACK_REAL(sem_clockwait);
  RACETRACK_REAL(sem_post);
  RACETRACK_REAL(sem_getvalue);
  RACETRACK_REAL(sched_yield);
  RACETRACK_REAL(nanosleep);
  RACETRACK_REAL(clock_nanosleep);
  RACETRACK_REAL(usleep);
  RACETRACK_REAL(sleep);
#undef RACETRACK_REAL
  void (*pthread_register_cancel)(__pthread_unwind_buf_t*);
  void (*pthread_unregister_cancel)(__pthread_unwind_buf_t*);
  void (*pthread_unwind_next)(__pthread_unwind_buf_t*) __attribute__((noreturn));
  int (*cxa_guard_acquire)(__cxxabiv1::__guard*);
  void (*cxa_guard_release)(__cxxabiv1::__guard*);
  void (*cxa_guard_abort)(__cxxabiv1::__guard*);
  int (*cxa_atexit)(void (*)(void*), void*, void*);
  int (*cxa_thread_atexit)(void (*)(void*), void*, void*);
  void* (*dlopen)(const char*, int);
};

/// Finds the functions on the first call.
const Real& real() noexcept;
/// The symbol `name` as the libraries after this executable define it; null when none does.
void* next_symbol(const char* name) noexcept;
/// A system call without interposition. Returns a negative error number on failure.
long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) noexcept;

}  // namespace racetrack::explore
