// pthread_rwlock_*
#include <cerrno>

#include "deadlock/detector.hpp"
#include "deadlock/lock_layout.hpp"

namespace racetrack::deadlock {
namespace {

std::uintptr_t address_of(const pthread_rwlock_t* rwlock) noexcept { return reinterpret_cast<std::uintptr_t>(rwlock); }

/// The slow path. glibc returns EDEADLK to a thread that already holds the lock for writing, so that is not a wait.
template <class Lock>
int wait_for_rwlock(ThreadRecord& thread, pthread_rwlock_t* rwlock, Kind kind, std::uintptr_t at, Lock lock) noexcept {
  if (writer_of(*rwlock) == thread.thread_id.load(std::memory_order_relaxed)) return lock();
  WaitFor want{kind, address_of(rwlock)};
  want.behind_writers = writers_first(*rwlock);
  want.shared = is_shared(*rwlock);
  Waiting waiting(thread, want, at);
  return lock();
}

template <class Lock>
int without_wait(pthread_rwlock_t* rwlock, Kind kind, std::uintptr_t at, Lock lock) noexcept {
  ThreadRecord* const thread = this_thread();
  const int result = lock();
  if (thread != nullptr && result == 0) took(*thread, address_of(rwlock), kind, at, false);
  return result;
}

}  // namespace
}  // namespace racetrack::deadlock

using namespace racetrack::deadlock;

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_rdlock(pthread_rwlock_t* rwlock) noexcept {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) [[unlikely]]
    return real.pthread_rwlock_rdlock(rwlock);
  disturb();
  int result = real.pthread_rwlock_tryrdlock(rwlock);
  if (result == EBUSY) [[unlikely]] {
    result = wait_for_rwlock(*thread, rwlock, Kind::rwlock_read, RACETRACK_DEADLOCK_CALLER,
                             [rwlock] { return real.pthread_rwlock_rdlock(rwlock); });
  }
  if (result == 0) [[likely]]
    took(*thread, address_of(rwlock), Kind::rwlock_read, RACETRACK_DEADLOCK_CALLER, true);
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_wrlock(pthread_rwlock_t* rwlock) noexcept {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) [[unlikely]]
    return real.pthread_rwlock_wrlock(rwlock);
  disturb();
  int result = real.pthread_rwlock_trywrlock(rwlock);
  if (result == EBUSY) [[unlikely]] {
    result = wait_for_rwlock(*thread, rwlock, Kind::rwlock_write, RACETRACK_DEADLOCK_CALLER,
                             [rwlock] { return real.pthread_rwlock_wrlock(rwlock); });
  }
  if (result == 0) [[likely]]
    took(*thread, address_of(rwlock), Kind::rwlock_write, RACETRACK_DEADLOCK_CALLER, true);
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_tryrdlock(pthread_rwlock_t* rwlock) noexcept {
  return without_wait(rwlock, Kind::rwlock_read, RACETRACK_DEADLOCK_CALLER,
                      [=] { return real.pthread_rwlock_tryrdlock(rwlock); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_trywrlock(pthread_rwlock_t* rwlock) noexcept {
  return without_wait(rwlock, Kind::rwlock_write, RACETRACK_DEADLOCK_CALLER,
                      [=] { return real.pthread_rwlock_trywrlock(rwlock); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_timedrdlock(pthread_rwlock_t* rwlock, const timespec* until) noexcept {
  return without_wait(rwlock, Kind::rwlock_read, RACETRACK_DEADLOCK_CALLER,
                      [=] { return real.pthread_rwlock_timedrdlock(rwlock, until); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_timedwrlock(pthread_rwlock_t* rwlock, const timespec* until) noexcept {
  return without_wait(rwlock, Kind::rwlock_write, RACETRACK_DEADLOCK_CALLER,
                      [=] { return real.pthread_rwlock_timedwrlock(rwlock, until); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_clockrdlock(pthread_rwlock_t* rwlock, clockid_t clock,
                                                             const timespec* until) noexcept {
  return without_wait(rwlock, Kind::rwlock_read, RACETRACK_DEADLOCK_CALLER,
                      [=] { return real.pthread_rwlock_clockrdlock(rwlock, clock, until); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_clockwrlock(pthread_rwlock_t* rwlock, clockid_t clock,
                                                             const timespec* until) noexcept {
  return without_wait(rwlock, Kind::rwlock_write, RACETRACK_DEADLOCK_CALLER,
                      [=] { return real.pthread_rwlock_clockwrlock(rwlock, clock, until); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_unlock(pthread_rwlock_t* rwlock) noexcept {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) [[unlikely]]
    return real.pthread_rwlock_unlock(rwlock);
  if (!thread->pop(address_of(rwlock))) [[unlikely]] {
    const bool writing = writer_of(*rwlock) != 0;
    released_unheld(*thread, address_of(rwlock), writing ? Kind::rwlock_write : Kind::rwlock_read,
                    RACETRACK_DEADLOCK_CALLER);
  }
  const int result = real.pthread_rwlock_unlock(rwlock);
  disturb();
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_init(pthread_rwlock_t* rwlock,
                                                      const pthread_rwlockattr_t* attributes) noexcept {
  if (ThreadRecord* const thread = this_thread()) forget_lock(*thread, address_of(rwlock));
  return real.pthread_rwlock_init(rwlock, attributes);
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_rwlock_destroy(pthread_rwlock_t* rwlock) noexcept {
  if (ThreadRecord* const thread = this_thread()) forget_lock(*thread, address_of(rwlock));
  return real.pthread_rwlock_destroy(rwlock);
}
