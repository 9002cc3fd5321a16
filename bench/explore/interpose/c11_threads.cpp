// <threads.h>. libc implements these functions without calls of pthread functions that could be interposed. The types
// and objects are those of pthread under other names.
#include <climits>
#include <ctime>
#include <threads.h>

#include "explore/execution.hpp"
#include "explore/interpose/condition.hpp"
#include "explore/interpose/mutex.hpp"
#include "explore/interpose/real.hpp"
#include "explore/interpose/thread.hpp"
#include "explore/waiting.hpp"
#include "explore/world/system_threads.hpp"

using namespace racetrack::explore;

namespace {

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));

pthread_mutex_t* mutex_of(mtx_t* mutex) noexcept { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* condition_of(cnd_t* condition) noexcept { return reinterpret_cast<pthread_cond_t*>(condition); }

/// C11's results for an error number.
int result_of(int error) noexcept {
  switch (error) {
    case 0: return thrd_success;
    case EBUSY: return thrd_busy;
    case ENOMEM: return thrd_nomem;
    case ETIMEDOUT: return thrd_timedout;
    default: return thrd_error;
  }
}

}  // namespace

// Outside an execution, calls libc's own function.
#define RACETRACK_C11(result, name, parameters, arguments)                                 \
  RACETRACK_INTERPOSED result name parameters {                                            \
    if (!runtime.watching) {                                                               \
      static const auto next = reinterpret_cast<result(*) parameters>(next_symbol(#name)); \
      return next arguments;                                                               \
    }

RACETRACK_INTERPOSED int thrd_create(thrd_t* handle, thrd_start_t routine, void* argument) {
  if (!runtime.watching) return result_of(start_uncontrolled(handle, routine, argument));
  const ExplorerScope explorer_scope;
  create_thread(handle, routine, argument);
  return thrd_success;
}
RACETRACK_C11(int, thrd_join, (thrd_t handle, int* result), (handle, result))
const ExplorerScope explorer_scope;
void* ended = nullptr;
const int error = join_thread(handle, &ended);
if (error == 0 && result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(ended));
return result_of(error);
}
RACETRACK_C11(int, thrd_detach, (thrd_t handle), (handle))
const ExplorerScope explorer_scope;
return result_of(detach_thread(handle));
}
RACETRACK_INTERPOSED __attribute__((noreturn)) void thrd_exit(int result) {
  pthread_exit(reinterpret_cast<void*>(static_cast<std::intptr_t>(result)));
}
RACETRACK_INTERPOSED void thrd_yield() { sched_yield(); }
RACETRACK_INTERPOSED int timespec_get(timespec* time, int base) noexcept {
  if (base != TIME_UTC) return 0;
  clock_gettime(CLOCK_REALTIME, time);
  return base;
}
RACETRACK_INTERPOSED int thrd_sleep(const timespec* time, timespec* rest) {
  // An error number becomes -1 for a signal, another negative number for other errors.
  const int error = clock_nanosleep(CLOCK_REALTIME, 0, time, rest);
  return error == 0 ? 0 : error == EINTR ? -1 : -2;
}

RACETRACK_C11(int, mtx_init, (mtx_t * mutex, int type), (mutex, type))
const ExplorerScope explorer_scope;
pthread_mutexattr_t attributes;
pthread_mutexattr_init(&attributes);
const bool recursive = (type & mtx_recursive) != 0;
pthread_mutexattr_settype(&attributes, recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
const int error = begin_mutex(mutex_of(mutex), &attributes);
pthread_mutexattr_destroy(&attributes);
return result_of(error);
}
RACETRACK_C11(int, mtx_lock, (mtx_t * mutex), (mutex))
const ExplorerScope explorer_scope;
runtime.scheduler.point(intends_to_write(mutex));
return result_of(lock_mutex(mutex_of(mutex)));
}
RACETRACK_C11(int, mtx_trylock, (mtx_t * mutex), (mutex))
const ExplorerScope explorer_scope;
runtime.scheduler.point(intends_to_write(mutex));
return result_of(try_lock_mutex(mutex_of(mutex)));
}
RACETRACK_C11(int, mtx_timedlock, (mtx_t* __restrict mutex, const timespec* __restrict until), (mutex, until))
const ExplorerScope explorer_scope;
runtime.scheduler.point(intends_to_write(mutex));
return result_of(lock_mutex(mutex_of(mutex), nanoseconds_of(*until)));
}
RACETRACK_C11(int, mtx_unlock, (mtx_t * mutex), (mutex))
const ExplorerScope explorer_scope;
runtime.scheduler.point(intends_to_write(mutex));
return result_of(unlock_mutex(mutex_of(mutex)));
}
RACETRACK_C11(void, mtx_destroy, (mtx_t * mutex), (mutex))
const ExplorerScope explorer_scope;
end_mutex(mutex_of(mutex));
}

RACETRACK_C11(int, cnd_init, (cnd_t * condition), (condition))
const ExplorerScope explorer_scope;
return result_of(begin_condition(condition_of(condition), nullptr));
}
RACETRACK_C11(int, cnd_signal, (cnd_t * condition), (condition))
const ExplorerScope explorer_scope;
wake_waiters(condition_of(condition), 1);
return thrd_success;
}
RACETRACK_C11(int, cnd_broadcast, (cnd_t * condition), (condition))
const ExplorerScope explorer_scope;
wake_waiters(condition_of(condition), kMostThreads);
return thrd_success;
}
RACETRACK_C11(int, cnd_wait, (cnd_t * condition, mtx_t* mutex), (condition, mutex))
const ExplorerScope explorer_scope;
return result_of(wait_on(condition_of(condition), mutex_of(mutex), Thread::kNever));
}
RACETRACK_C11(int, cnd_timedwait,
              (cnd_t* __restrict condition, mtx_t* __restrict mutex, const timespec* __restrict until),
              (condition, mutex, until))
const ExplorerScope explorer_scope;
return result_of(wait_on(condition_of(condition), mutex_of(mutex), nanoseconds_of(*until)));
}
RACETRACK_C11(void, cnd_destroy, (cnd_t * condition), (condition))
const ExplorerScope explorer_scope;
end_condition(condition_of(condition));
}
#undef RACETRACK_C11

RACETRACK_INTERPOSED int tss_create(tss_t* key, tss_dtor_t destructor) {
  return result_of(pthread_key_create(key, destructor));
}
RACETRACK_INTERPOSED void* tss_get(tss_t key) { return pthread_getspecific(key); }
RACETRACK_INTERPOSED int tss_set(tss_t key, void* value) { return result_of(pthread_setspecific(key, value)); }
RACETRACK_INTERPOSED void tss_delete(tss_t key) { pthread_key_delete(key); }
RACETRACK_INTERPOSED void call_once(once_flag* flag, void (*function)()) {
  pthread_once(reinterpret_cast<pthread_once_t*>(flag), function);
}
