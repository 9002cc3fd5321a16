// pthread_mutex and pthread_spin: std::mutex and its kin.
#include "explore/interpose/mutex.hpp"

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {
namespace {

int kind_of(const pthread_mutex_t* mutex) noexcept { return mutex->__data.__kind & 3; }

/// What a thread gets that locks what it has: 0 it may, an error, or -1: it waits for itself.
int lock_again(SyncObject& object, const pthread_mutex_t* mutex, bool tries) {
  switch (kind_of(mutex)) {
    case PTHREAD_MUTEX_RECURSIVE_NP: ++object.depth; return 0;
    case PTHREAD_MUTEX_ERRORCHECK_NP: return tries ? EBUSY : EDEADLK;
    default: return tries ? EBUSY : -1;
  }
}

}  // namespace

int lock_mutex(pthread_mutex_t* mutex, std::uint64_t deadline) {
  SyncObject& object = object_at(mutex);
  Thread& thread = current_thread();
  if (object.owner == thread.id) {
    const int again = lock_again(object, mutex, false);
    if (again >= 0) return again;
  }
  while (object.owner != SyncObject::kNobody) {
    if (!wait_for(Wait::mutex, object, deadline)) return ETIMEDOUT;
  }
  take_mutex(object);
  return 0;
}

void take_mutex(SyncObject& object) {
  object.owner = current_thread().id;
  object.depth = 1;
  acquire_from(object);
  refresh_waiters(object);
  note(Operation::lock, object.address);
}

int try_lock_mutex(pthread_mutex_t* mutex) {
  SyncObject& object = object_at(mutex);
  if (object.owner == current_thread().id) return lock_again(object, mutex, true);
  if (object.owner != SyncObject::kNobody) {
    note(Operation::lock_fails, object.address);
    look(object.address, 1);
    return EBUSY;
  }
  touch({Touch::Kind::write, object.address});  // it would not have waited
  take_mutex(object);
  return 0;
}

int unlock_mutex(pthread_mutex_t* mutex) {
  SyncObject& object = object_at(mutex);
  if (object.owner != current_thread().id) {
    if (kind_of(mutex) != PTHREAD_MUTEX_TIMED_NP) return EPERM;
    note(Operation::unlock, object.address);
    fail("misuse", object.owner == SyncObject::kNobody ? "a mutex is unlocked that nobody holds"
                                                       : "a mutex is unlocked by a thread that does not hold it");
  }
  if (--object.depth != 0) return 0;
  object.owner = SyncObject::kNobody;
  release_to(object);
  note(Operation::unlock, object.address);
  refresh_waiters(object);
  return 0;
}

}  // namespace racetrack::explore

using namespace racetrack::explore;

RACETRACK_INTERPOSED int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_lock(mutex);
  const Inside inside;
  runtime.scheduler.point(changes(mutex));
  return lock_mutex(mutex);
}

RACETRACK_INTERPOSED int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_trylock(mutex);
  const Inside inside;
  runtime.scheduler.point(changes(mutex));
  return try_lock_mutex(mutex);
}

RACETRACK_INTERPOSED int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_mutex_timedlock(mutex, until);
  const Inside inside;
  runtime.scheduler.point(changes(mutex));
  return lock_mutex(mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                                 const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_mutex_clocklock(mutex, clock, until);
  const Inside inside;
  runtime.scheduler.point(changes(mutex));
  return lock_mutex(mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_unlock(mutex);
  const Inside inside;
  runtime.scheduler.point(changes(mutex));
  return unlock_mutex(mutex);
}

RACETRACK_INTERPOSED int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_destroy(mutex);
  const Inside inside;
  touch({Touch::Kind::write, address_of(mutex)});
  if (object_at(mutex).owner != SyncObject::kNobody) fail("misuse", "a mutex is destroyed while it is locked");
  return 0;
}

RACETRACK_INTERPOSED int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_spin_lock(lock);
  const Inside inside;
  runtime.scheduler.point(changes(lock));
  SyncObject& object = object_at(const_cast<int*>(lock));
  while (object.owner != SyncObject::kNobody) wait_for(Wait::mutex, object);
  take_mutex(object);
  return 0;
}

RACETRACK_INTERPOSED int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_spin_trylock(lock);
  const Inside inside;
  runtime.scheduler.point(changes(lock));
  SyncObject& object = object_at(const_cast<int*>(lock));
  touch({Touch::Kind::write, object.address});
  if (object.owner != SyncObject::kNobody) {
    look(object.address, 1);
    return EBUSY;
  }
  take_mutex(object);
  return 0;
}

RACETRACK_INTERPOSED int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_spin_unlock(lock);
  const Inside inside;
  runtime.scheduler.point(changes(lock));
  SyncObject& object = object_at(const_cast<int*>(lock));
  object.owner = SyncObject::kNobody;
  release_to(object);
  note(Operation::unlock, object.address);
  refresh_waiters(object);
  return 0;
}
