// pthread_rwlock: std::shared_mutex and std::shared_timed_mutex. Readers come before writers that wait, as in glibc's default.
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

[[gnu::always_inline]] inline int read_lock(pthread_rwlock_t* lock, std::uint64_t deadline, bool tries) {
  const Inside inside;
  runtime.scheduler.point(changes(lock));
  SyncObject& object = object_at(lock);
  Thread& thread = current_thread();
  if (object.owner == thread.id) {
    if (tries) return EBUSY;
    return EDEADLK;
  }
  while (object.owner != SyncObject::kNobody) {
    if (tries) {
      note(Operation::read_lock_fails, object.address);
      return EBUSY;
    }
    if (!wait_for(Wait::read_lock, object, deadline)) return ETIMEDOUT;
  }
  object.readers |= thread.bit();
  acquire_from(object);
  refresh_waiters(object);
  note(Operation::read_lock, object.address);
  return 0;
}

[[gnu::always_inline]] inline int write_lock(pthread_rwlock_t* lock, std::uint64_t deadline, bool tries) {
  const Inside inside;
  runtime.scheduler.point(changes(lock));
  SyncObject& object = object_at(lock);
  Thread& thread = current_thread();
  if (object.owner == thread.id && !tries) return EDEADLK;
  while (object.owner != SyncObject::kNobody || object.readers != 0) {
    if (tries) {
      note(Operation::write_lock_fails, object.address);
      return EBUSY;
    }
    if (!wait_for(Wait::write_lock, object, deadline)) return ETIMEDOUT;
  }
  object.owner = thread.id;
  acquire_from(object);
  thread.clock.join(object.readers_released);
  refresh_waiters(object);
  note(Operation::write_lock, object.address);
  return 0;
}

}  // namespace

RACETRACK_INTERPOSED int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_rdlock(lock);
  return read_lock(lock, Thread::kNever, false);
}
RACETRACK_INTERPOSED int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_tryrdlock(lock);
  return read_lock(lock, Thread::kNever, true);
}
RACETRACK_INTERPOSED int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_timedrdlock(lock, until);
  return read_lock(lock, nanoseconds_of(*until), false);
}
RACETRACK_INTERPOSED int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                                                    const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_clockrdlock(lock, clock, until);
  return read_lock(lock, nanoseconds_of(*until), false);
}
RACETRACK_INTERPOSED int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_wrlock(lock);
  return write_lock(lock, Thread::kNever, false);
}
RACETRACK_INTERPOSED int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_trywrlock(lock);
  return write_lock(lock, Thread::kNever, true);
}
RACETRACK_INTERPOSED int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_timedwrlock(lock, until);
  return write_lock(lock, nanoseconds_of(*until), false);
}
RACETRACK_INTERPOSED int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                                                    const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_clockwrlock(lock, clock, until);
  return write_lock(lock, nanoseconds_of(*until), false);
}

RACETRACK_INTERPOSED int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_unlock(lock);
  const Inside inside;
  runtime.scheduler.point(changes(lock));
  SyncObject& object = object_at(lock);
  Thread& thread = current_thread();
  if (object.owner == thread.id) {
    object.owner = SyncObject::kNobody;
    release_to(object);
    object.readers_released.clear();
    note(Operation::write_unlock, object.address);
  } else if ((object.readers & thread.bit()) != 0) {
    object.readers &= ~thread.bit();
    object.readers_released.join(thread.clock);
    thread.clock.tick(thread.id);
    note(Operation::read_unlock, object.address);
  } else {
    fail("misuse", "a shared mutex is unlocked by a thread that does not hold it");
  }
  refresh_waiters(object);
  return 0;
}

RACETRACK_INTERPOSED int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_destroy(lock);
  const Inside inside;
  touch({Touch::Kind::write, address_of(lock)});
  const SyncObject& object = object_at(lock);
  if (object.owner != SyncObject::kNobody || object.readers != 0) {
    fail("misuse", "a shared mutex is destroyed while it is locked");
  }
  return 0;
}
