// pthread_cond: std::condition_variable and its kin.
#include "explore/interpose/mutex.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

[[gnu::always_inline]] inline int wait_on(pthread_cond_t* condition, pthread_mutex_t* mutex, std::uint64_t deadline) {
  const Inside inside;
  runtime.scheduler.point(changes(condition));
  SyncObject& object = object_at(condition);
  note(Operation::condition_wait, object.address);
  if (const int error = unlock_mutex(mutex)) return error;
  bool in_time = true;
  if (runtime.scheduler.whim()) {
    note(Operation::whim, object.address);  // POSIX and C++ allow a wait to end without a cause
    runtime.scheduler.yield();
  } else {
    in_time = wait_for(Wait::condition, object, deadline);
    note(in_time ? Operation::condition_woken : Operation::condition_timeout, object.address);
  }
  lock_mutex(mutex);
  return in_time ? 0 : ETIMEDOUT;
}

}  // namespace

RACETRACK_INTERPOSED int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (!runtime.watching) return real().pthread_cond_wait(condition, mutex);
  return wait_on(condition, mutex, Thread::kNever);
}

RACETRACK_INTERPOSED int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                                const timespec* until) {
  if (!runtime.watching) return real().pthread_cond_timedwait(condition, mutex, until);
  return wait_on(condition, mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                                const timespec* until) {
  if (!runtime.watching) return real().pthread_cond_clockwait(condition, mutex, clock, until);
  return wait_on(condition, mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (!runtime.watching) return real().pthread_cond_signal(condition);
  const Inside inside;
  runtime.scheduler.point(changes(condition));
  note(Operation::condition_signal, address_of(condition));
  notify(object_at(condition), 1);
  return 0;
}

RACETRACK_INTERPOSED int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (!runtime.watching) return real().pthread_cond_broadcast(condition);
  const Inside inside;
  runtime.scheduler.point(changes(condition));
  note(Operation::condition_broadcast, address_of(condition));
  notify(object_at(condition), kMostThreads);
  return 0;
}

RACETRACK_INTERPOSED int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  if (!runtime.watching) return real().pthread_cond_destroy(condition);
  const Inside inside;
  touch({Touch::Kind::write, address_of(condition)});
  if (object_at(condition).waiters != 0) fail("misuse", "a condition is destroyed while a thread waits on it");
  return 0;
}
