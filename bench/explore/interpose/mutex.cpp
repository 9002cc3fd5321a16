// pthread_mutex, which std::mutex uses, and pthread_spin.
#include "explore/interpose/mutex.hpp"

#include "explore/interpose/primitive.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {
namespace {

constexpr int kRobust = 16;  ///< the bit of PTHREAD_MUTEX_ROBUST in glibc's kinds

int kind_of(const pthread_mutex_t* mutex) noexcept { return mutex->__data.__kind & 3; }
bool is_robust(const SyncObject& mutex) noexcept {
  return (reinterpret_cast<const pthread_mutex_t*>(mutex.address)->__data.__kind & kRobust) != 0;
}

SyncObject& use_mutex(const pthread_mutex_t* mutex, const char* action) {
  return use_object(mutex, Primitive::mutex, action);
}

/// The result of locking a mutex that the thread holds already: 0 on success, an error number, or -1 for a
/// self-deadlock.
int lock_again(SyncObject& object, const pthread_mutex_t* mutex, bool tries) {
  switch (kind_of(mutex)) {
    case PTHREAD_MUTEX_RECURSIVE_NP: ++object.depth; return 0;
    case PTHREAD_MUTEX_ERRORCHECK_NP: return tries ? EBUSY : EDEADLK;
    default: return tries ? EBUSY : -1;
  }
}

/// Locks a mutex that no thread holds, unless it is unrecoverable.
int take_if_recoverable(SyncObject& object) {
  if (object.consistency == Consistency::unrecoverable) {
    note(Operation::lock_fails, object.address);
    return ENOTRECOVERABLE;
  }
  take_mutex(object);
  if (is_robust(object)) ++current_thread().robust_locks;
  return object.consistency == Consistency::owner_died ? EOWNERDEAD : 0;
}

}  // namespace

int lock_mutex(pthread_mutex_t* mutex, std::uint64_t deadline) {
  SyncObject& object = use_mutex(mutex, "locks");
  Thread& thread = current_thread();
  if (object.owner == thread.id) {
    const int again = lock_again(object, mutex, false);
    if (again >= 0) return again;
  }
  while (object.owner != SyncObject::kNoOwner) {
    if (!wait_for(Wait::mutex, object, deadline)) return ETIMEDOUT;
  }
  return take_if_recoverable(object);
}

void take_mutex(SyncObject& object) {
  object.owner = current_thread().id;
  object.depth = 1;
  acquire_from(object);
  refresh_waiters(object);
  note(Operation::lock, object.address);
}

int try_lock_mutex(pthread_mutex_t* mutex) {
  SyncObject& object = use_mutex(mutex, "tries to lock");
  if (object.owner == current_thread().id) return lock_again(object, mutex, true);
  if (object.owner != SyncObject::kNoOwner) {
    note(Operation::lock_fails, object.address);
    observe_value(object.address, 1);
    return EBUSY;
  }
  touch({Touch::Kind::write, object.address});  // unlike a lock, it would not have waited for an unlock
  return take_if_recoverable(object);
}

int unlock_mutex(pthread_mutex_t* mutex) {
  SyncObject& object = use_mutex(mutex, "unlocks");
  if (object.owner != current_thread().id) {
    if (kind_of(mutex) != PTHREAD_MUTEX_TIMED_NP || is_robust(object)) return EPERM;
    note(Operation::unlock, object.address);
    report_misuse(object, "unlocks",
                  object.owner == SyncObject::kNoOwner ? " that no thread holds" : " that another thread holds");
  }
  if (--object.depth != 0) return 0;
  object.owner = SyncObject::kNoOwner;
  if (is_robust(object)) --current_thread().robust_locks;
  if (object.consistency == Consistency::owner_died) object.consistency = Consistency::unrecoverable;
  release_to(object);
  note(Operation::unlock, object.address);
  refresh_waiters(object);
  return 0;
}

int begin_mutex(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
  begin_object(mutex, Primitive::mutex);
  touch({Touch::Kind::write, address_of(mutex)});
  return real().pthread_mutex_init(mutex, attributes);
}

void end_mutex(pthread_mutex_t* mutex) {
  touch({Touch::Kind::write, address_of(mutex)});
  SyncObject& object = use_mutex(mutex, "destroys");
  if (object.owner != SyncObject::kNoOwner) report_misuse(object, "destroys", " that is locked");
  if (object.waiters != 0) report_misuse(object, "destroys", " that a thread waits for");
  end_object(object);
}

void leave_robust_mutexes() {
  Thread& thread = current_thread();
  for (unsigned i = 0; i < runtime.object_count && thread.robust_locks != 0; ++i) {
    SyncObject& object = runtime.objects[i];
    if (object.owner != thread.id || object.primitive != Primitive::mutex || !is_robust(object)) continue;
    touch({Touch::Kind::write, object.address});
    --thread.robust_locks;
    object.owner = SyncObject::kNoOwner;
    object.consistency = Consistency::owner_died;
    release_to(object);
    refresh_waiters(object);
  }
}

}  // namespace racetrack::explore

using namespace racetrack::explore;

RACETRACK_INTERPOSED int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) noexcept {
  if (!runtime.watching) return real().pthread_mutex_init(mutex, attributes);
  const ExplorerScope explorer_scope;
  return begin_mutex(mutex, attributes);
}

RACETRACK_INTERPOSED int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_lock(mutex);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(mutex));
  return lock_mutex(mutex);
}

RACETRACK_INTERPOSED int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_trylock(mutex);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(mutex));
  return try_lock_mutex(mutex);
}

RACETRACK_INTERPOSED int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_mutex_timedlock(mutex, until);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(mutex));
  return lock_mutex(mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                                 const timespec* until) noexcept {
  if (!runtime.watching) return real().pthread_mutex_clocklock(mutex, clock, until);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(mutex));
  return lock_mutex(mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_unlock(mutex);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(mutex));
  return unlock_mutex(mutex);
}

RACETRACK_INTERPOSED int pthread_mutex_consistent(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_consistent(mutex);
  const ExplorerScope explorer_scope;
  SyncObject& object = use_mutex(mutex, "marks as consistent");
  if (object.owner != current_thread().id || object.consistency != Consistency::owner_died) return EINVAL;
  touch({Touch::Kind::write, object.address});
  object.consistency = Consistency::consistent;
  return 0;
}

RACETRACK_INTERPOSED int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  if (!runtime.watching) return real().pthread_mutex_destroy(mutex);
  const ExplorerScope explorer_scope;
  end_mutex(mutex);
  return 0;
}

RACETRACK_INTERPOSED int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
  if (!runtime.watching) return real().pthread_spin_init(lock, shared);
  const ExplorerScope explorer_scope;
  begin_object(lock, Primitive::spin_lock);
  touch({Touch::Kind::write, address_of(lock)});
  return real().pthread_spin_init(lock, shared);
}

RACETRACK_INTERPOSED int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_spin_lock(lock);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(lock));
  SyncObject& object = use_object(lock, Primitive::spin_lock, "locks");
  while (object.owner != SyncObject::kNoOwner) wait_for(Wait::mutex, object);
  take_mutex(object);
  return 0;
}

RACETRACK_INTERPOSED int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_spin_trylock(lock);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(lock));
  SyncObject& object = use_object(lock, Primitive::spin_lock, "tries to lock");
  touch({Touch::Kind::write, object.address});
  if (object.owner != SyncObject::kNoOwner) {
    observe_value(object.address, 1);
    return EBUSY;
  }
  take_mutex(object);
  return 0;
}

RACETRACK_INTERPOSED int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_spin_unlock(lock);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(lock));
  SyncObject& object = use_object(lock, Primitive::spin_lock, "unlocks");
  note(Operation::unlock, object.address);
  if (object.owner != current_thread().id) {
    report_misuse(object, "unlocks",
                  object.owner == SyncObject::kNoOwner ? " that no thread holds" : " that another thread holds");
  }
  object.owner = SyncObject::kNoOwner;
  release_to(object);
  refresh_waiters(object);
  return 0;
}

RACETRACK_INTERPOSED int pthread_spin_destroy(pthread_spinlock_t* lock) noexcept {
  if (!runtime.watching) return real().pthread_spin_destroy(lock);
  const ExplorerScope explorer_scope;
  touch({Touch::Kind::write, address_of(lock)});
  SyncObject& object = use_object(lock, Primitive::spin_lock, "destroys");
  if (object.owner != SyncObject::kNoOwner) report_misuse(object, "destroys", " that is locked");
  end_object(object);
  return 0;
}
