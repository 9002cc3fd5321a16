#include "explore/interpose/real.hpp"

#include <cstdint>
#include <cstring>

#include <dlfcn.h>

namespace racetrack::explore {
namespace {

Real look_up() noexcept {
  Real found{};
#define RACETRACK_FIND(name) found.name = reinterpret_cast<decltype(found.name)>(next_symbol(#name))
  RACETRACK_FIND(pthread_create);
  RACETRACK_FIND(pthread_join);
  RACETRACK_FIND(pthread_detach);
  RACETRACK_FIND(pthread_exit);
  RACETRACK_FIND(pthread_setcanceltype);
  RACETRACK_FIND(pthread_setcancelstate);
  RACETRACK_FIND(pthread_testcancel);
  RACETRACK_FIND(pthread_cancel);
  RACETRACK_FIND(pthread_once);
  RACETRACK_FIND(pthread_key_create);
  RACETRACK_FIND(pthread_key_delete);
  RACETRACK_FIND(pthread_getspecific);
  RACETRACK_FIND(pthread_setspecific);
  RACETRACK_FIND(pthread_mutex_init);
  RACETRACK_FIND(pthread_mutex_lock);
  RACETRACK_FIND(pthread_mutex_trylock);
  RACETRACK_FIND(pthread_mutex_timedlock);
  RACETRACK_FIND(pthread_mutex_clocklock);
  RACETRACK_FIND(pthread_mutex_unlock);
  RACETRACK_FIND(pthread_mutex_consistent);
  RACETRACK_FIND(pthread_mutex_destroy);
  RACETRACK_FIND(pthread_spin_init);
  RACETRACK_FIND(pthread_spin_lock);
  RACETRACK_FIND(pthread_spin_trylock);
  RACETRACK_FIND(pthread_spin_unlock);
  RACETRACK_FIND(pthread_spin_destroy);
  RACETRACK_FIND(pthread_rwlock_init);
  RACETRACK_FIND(pthread_rwlock_rdlock);
  RACETRACK_FIND(pthread_rwlock_tryrdlock);
  RACETRACK_FIND(pthread_rwlock_timedrdlock);
  RACETRACK_FIND(pthread_rwlock_clockrdlock);
  RACETRACK_FIND(pthread_rwlock_wrlock);
  RACETRACK_FIND(pthread_rwlock_trywrlock);
  RACETRACK_FIND(pthread_rwlock_timedwrlock);
  RACETRACK_FIND(pthread_rwlock_clockwrlock);
  RACETRACK_FIND(pthread_rwlock_unlock);
  RACETRACK_FIND(pthread_rwlock_destroy);
  RACETRACK_FIND(pthread_cond_init);
  RACETRACK_FIND(pthread_cond_wait);
  RACETRACK_FIND(pthread_cond_timedwait);
  RACETRACK_FIND(pthread_cond_clockwait);
  RACETRACK_FIND(pthread_cond_signal);
  RACETRACK_FIND(pthread_cond_broadcast);
  RACETRACK_FIND(pthread_cond_destroy);
  RACETRACK_FIND(pthread_barrier_init);
  RACETRACK_FIND(pthread_barrier_wait);
  RACETRACK_FIND(pthread_barrier_destroy);
  RACETRACK_FIND(sem_init);
  RACETRACK_FIND(sem_destroy);
  RACETRACK_FIND(sem_wait);
  RACETRACK_FIND(sem_trywait);
  RACETRACK_FIND(sem_timedwait);
  RACETRACK_FIND(sem_clockwait);
  RACETRACK_FIND(sem_post);
  RACETRACK_FIND(sem_getvalue);
  RACETRACK_FIND(sched_yield);
  RACETRACK_FIND(nanosleep);
  RACETRACK_FIND(clock_nanosleep);
  RACETRACK_FIND(usleep);
  RACETRACK_FIND(sleep);
  RACETRACK_FIND(dlopen);
#undef RACETRACK_FIND
#define RACETRACK_FIND_RESERVED(name) found.name = reinterpret_cast<decltype(found.name)>(next_symbol("__" #name))
  RACETRACK_FIND_RESERVED(pthread_register_cancel);
  RACETRACK_FIND_RESERVED(pthread_unregister_cancel);
  RACETRACK_FIND_RESERVED(pthread_unwind_next);
  RACETRACK_FIND_RESERVED(cxa_guard_acquire);
  RACETRACK_FIND_RESERVED(cxa_guard_release);
  RACETRACK_FIND_RESERVED(cxa_guard_abort);
  RACETRACK_FIND_RESERVED(cxa_atexit);
  RACETRACK_FIND_RESERVED(cxa_thread_atexit);
#undef RACETRACK_FIND_RESERVED
  return found;
}

}  // namespace

void* next_symbol(const char* name) noexcept {
  // glibc keeps condition variables of 1997 under the unversioned name; dlsym may find these.
  if (std::strncmp(name, "pthread_cond_", 13) == 0) {
    if (void* const current = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2")) return current;
  }
  return dlsym(RTLD_NEXT, name);
}

const Real& real() noexcept {
  // Without a guard, which is interposed itself. The first call precedes the creation of a second thread.
  static bool known = false;
  static Real found;
  if (!known) {
    found = look_up();
    known = true;
  }
  return found;
}

long raw_syscall(long number, long a, long b, long c, long d, long e, long f) noexcept {
  register long fourth asm("r10") = d;
  register long fifth asm("r8") = e;
  register long sixth asm("r9") = f;
  long result = number;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
}

}  // namespace racetrack::explore
