// pthread_rwlock, which std::shared_mutex and std::shared_timed_mutex use. Readers take precedence over waiting
// writers, as in glibc's default. With PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP a waiting writer blocks new
// readers, even a thread that holds the lock for reading already.
#include "explore/interpose/primitive.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

[[gnu::always_inline]] inline int read_lock(pthread_rwlock_t* lock, std::uint64_t deadline, bool tries) {
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(lock));
  SyncObject& object = use_object(lock, Primitive::rwlock, tries ? "tries to read-lock" : "read-locks");
  Thread& thread = current_thread();
  if (object.owner == thread.id) {
    if (tries) return EBUSY;
    return EDEADLK;
  }
  while (!admits_readers(object)) {
    if (tries) {
      note(Operation::read_lock_fails, object.address);
      return EBUSY;
    }
    if (!wait_for(Wait::read_lock, object, deadline)) return ETIMEDOUT;
  }
  object.readers |= thread.bit();
  ++object.read_locks[thread.id];
  acquire_from(object);
  refresh_waiters(object);
  note(Operation::read_lock, object.address);
  return 0;
}

[[gnu::always_inline]] inline int write_lock(pthread_rwlock_t* lock, std::uint64_t deadline, bool tries) {
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(lock));
  SyncObject& object = use_object(lock, Primitive::rwlock, tries ? "tries to write-lock" : "write-locks");
  Thread& thread = current_thread();
  if (object.owner == thread.id && !tries) return EDEADLK;
  while (object.owner != SyncObject::kNoOwner || object.readers != 0) {
    if (tries) {
      note(Operation::write_lock_fails, object.address);
      return EBUSY;
    }
    if (!wait_for(Wait::write_lock, object, deadline)) {
      refresh_waiters(object);  // wakes readers that this writer blocked
      return ETIMEDOUT;
    }
  }
  object.owner = thread.id;
  acquire_from(object);
  thread.clock.join(object.readers_released);
  refresh_waiters(object);
  note(Operation::write_lock, object.address);
  return 0;
}

}  // namespace

RACETRACK_INTERPOSED int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_init(lock, attributes);
  const ExplorerScope explorer_scope;
  begin_object(lock, Primitive::rwlock);
  touch({Touch::Kind::write, address_of(lock)});
  return real().pthread_rwlock_init(lock, attributes);
}

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
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(lock));
  SyncObject& object = use_object(lock, Primitive::rwlock, "unlocks");
  Thread& thread = current_thread();
  if (object.owner == thread.id) {
    object.owner = SyncObject::kNoOwner;
    release_to(object);
    object.readers_released.clear();
    note(Operation::write_unlock, object.address);
  } else if ((object.readers & thread.bit()) != 0) {
    object.readers_released.join(thread.clock);
    thread.clock.tick(thread.id);
    note(Operation::read_unlock, object.address);
    if (--object.read_locks[thread.id] != 0) return 0;
    object.readers &= ~thread.bit();
  } else {
    report_misuse(object, "unlocks", " that it does not hold");
  }
  refresh_waiters(object);
  return 0;
}

RACETRACK_INTERPOSED int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_rwlock_destroy(lock);
  const ExplorerScope explorer_scope;
  touch({Touch::Kind::write, address_of(lock)});
  SyncObject& object = use_object(lock, Primitive::rwlock, "destroys");
  if (object.owner != SyncObject::kNoOwner || object.readers != 0) report_misuse(object, "destroys", " that is locked");
  if (object.waiters != 0) report_misuse(object, "destroys", " that a thread waits for");
  end_object(object);
  return 0;
}
