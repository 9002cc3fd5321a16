// pthread_mutex_* and mtx_*. glibc's mtx_t is a pthread_mutex_t, and the mtx functions call the pthread functions
// internally.
#include <cerrno>

#include "deadlock/detector.hpp"
#include "deadlock/lock_layout.hpp"

namespace racetrack::deadlock {
namespace {

template <class Mutex>
std::uintptr_t address_of(const Mutex* mutex) noexcept {
  return reinterpret_cast<std::uintptr_t>(mutex);
}

/// Returns whether the mutex, which is locked, is an error-checking one that `thread` owns. The program then gets
/// EDEADLK and does not wait.
bool checks_itself(const ThreadRecord& thread, std::uintptr_t mutex) noexcept {
  return type_of(mutex_at(mutex)) == PTHREAD_MUTEX_ERRORCHECK &&
         owner_of(mutex_at(mutex)) == thread.thread_id.load(std::memory_order_relaxed);
}

/// EOWNERDEAD: locked too, but the previous owner died.
bool is_locked(int result) noexcept { return result == 0 || result == EOWNERDEAD; }

/// The slow path: another thread, or this one, holds the mutex.
template <class Lock>
int wait_for_mutex(ThreadRecord& thread, std::uintptr_t mutex, std::uintptr_t at, Lock lock) noexcept {
  if (checks_itself(thread, mutex)) return lock();
  WaitFor want{Kind::mutex, mutex};
  want.shared = (kind_of(mutex_at(mutex)) & kMutexShared) != 0;
  Waiting waiting(thread, want, at);
  return lock();
}

/// Completes a lock call after trylock returned `tried`.
[[gnu::noinline]] int lock_slowly(ThreadRecord& thread, pthread_mutex_t* mutex, std::uintptr_t at, int tried) noexcept {
  int result = tried;
  if (result == EBUSY) {
    result = wait_for_mutex(thread, address_of(mutex), at, [mutex] { return real.pthread_mutex_lock(mutex); });
  }
  if (is_locked(result)) took(thread, address_of(mutex), Kind::mutex, at, true);
  return result;
}

/// Handles a lock call of a thread that is unregistered, whose calls pass through, or that needs more than a record.
[[gnu::noinline]] int lock_general(pthread_mutex_t* mutex, std::uintptr_t at) noexcept {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) return real.pthread_mutex_lock(mutex);
  disturb();
  return lock_slowly(*thread, mutex, at, real.pthread_mutex_trylock(mutex));
}

[[gnu::noinline]] int unlock_general(pthread_mutex_t* mutex, std::uintptr_t at) noexcept {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) return real.pthread_mutex_unlock(mutex);
  if (!thread->pop(address_of(mutex))) released_unheld(*thread, address_of(mutex), Kind::mutex, at);
  const int result = real.pthread_mutex_unlock(mutex);
  disturb();
  return result;
}

}  // namespace
}  // namespace racetrack::deadlock

using namespace racetrack::deadlock;

// The fast paths of lock and unlock need no stack frame: all other work is in separate functions.

RACETRACK_DEADLOCK_INTERPOSED int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  ThreadRecord* const thread = self;
  if (!needs_record_only(thread)) [[unlikely]]
    return lock_general(mutex, RACETRACK_DEADLOCK_CALLER);
  const int tried = real.pthread_mutex_trylock(mutex);
  if (tried != 0 || !thread->has_room()) [[unlikely]]
    return lock_slowly(*thread, mutex, RACETRACK_DEADLOCK_CALLER, tried);
  thread->put(address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER, nullptr);
  return 0;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  ThreadRecord* const thread = this_thread();
  const int result = real.pthread_mutex_trylock(mutex);
  if (thread != nullptr && is_locked(result)) {
    took(*thread, address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER, false);
  }
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  ThreadRecord* const thread = this_thread();
  const int result = real.pthread_mutex_timedlock(mutex, until);
  if (thread != nullptr && is_locked(result)) {
    took(*thread, address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER, false);
  }
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                                          const timespec* until) noexcept {
  ThreadRecord* const thread = this_thread();
  const int result = real.pthread_mutex_clocklock(mutex, clock, until);
  if (thread != nullptr && is_locked(result)) {
    took(*thread, address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER, false);
  }
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  // Removes the record first: after the unlock, another thread may free the memory of the mutex.
  if (!needs_record_only(self) || !self->pop_top(address_of(mutex))) [[unlikely]]
    return unlock_general(mutex, RACETRACK_DEADLOCK_CALLER);
  return real.pthread_mutex_unlock(mutex);
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_mutex_init(pthread_mutex_t* mutex,
                                                     const pthread_mutexattr_t* attributes) noexcept {
  if (ThreadRecord* const thread = this_thread()) forget_lock(*thread, address_of(mutex));
  return real.pthread_mutex_init(mutex, attributes);
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  ThreadRecord* const thread = this_thread();
  const int result = real.pthread_mutex_destroy(mutex);
  // EBUSY: it is still locked and stays recorded.
  if (thread != nullptr && result == 0) forget_lock(*thread, address_of(mutex));
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int mtx_lock(mtx_t* mutex) {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) [[unlikely]]
    return real.mtx_lock(mutex);
  disturb();
  int result = real.mtx_trylock(mutex);
  if (result == thrd_busy) [[unlikely]] {
    result =
        wait_for_mutex(*thread, address_of(mutex), RACETRACK_DEADLOCK_CALLER, [mutex] { return real.mtx_lock(mutex); });
  }
  if (result == thrd_success) [[likely]] {
    took(*thread, address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER, true);
  }
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int mtx_trylock(mtx_t* mutex) {
  ThreadRecord* const thread = this_thread();
  const int result = real.mtx_trylock(mutex);
  if (thread != nullptr && result == thrd_success) {
    took(*thread, address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER, false);
  }
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int mtx_timedlock(mtx_t* mutex, const timespec* until) {
  ThreadRecord* const thread = this_thread();
  const int result = real.mtx_timedlock(mutex, until);
  if (thread != nullptr && result == thrd_success) {
    took(*thread, address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER, false);
  }
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int mtx_unlock(mtx_t* mutex) {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) [[unlikely]]
    return real.mtx_unlock(mutex);
  if (!thread->pop(address_of(mutex))) [[unlikely]] {
    released_unheld(*thread, address_of(mutex), Kind::mutex, RACETRACK_DEADLOCK_CALLER);
  }
  const int result = real.mtx_unlock(mutex);
  disturb();
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED int mtx_init(mtx_t* mutex, int type) {
  if (ThreadRecord* const thread = this_thread()) forget_lock(*thread, address_of(mutex));
  return real.mtx_init(mutex, type);
}

RACETRACK_DEADLOCK_INTERPOSED void mtx_destroy(mtx_t* mutex) {
  if (ThreadRecord* const thread = this_thread()) forget_lock(*thread, address_of(mutex));
  real.mtx_destroy(mutex);
}
