// Waits for objects that no thread holds: conditions, semaphores, barriers, futexes. They are not edges of the wait-for
// graph, but a process in which all threads wait like this cannot continue.
#include <cerrno>
#include <cstdarg>

#include <linux/futex.h>
#include <sys/syscall.h>

#include "deadlock/detector.hpp"
#include "deadlock/lock_layout.hpp"

namespace racetrack::deadlock {
namespace {

template <class Object>
std::uintptr_t address_of(const Object* object) noexcept {
  return reinterpret_cast<std::uintptr_t>(object);
}

/// Records that a wait for a condition releases the mutex and takes it again.
template <class Wait>
int release_and_retake(ThreadRecord* thread, std::uintptr_t mutex, std::uintptr_t at, Wait wait) noexcept {
  if (thread == nullptr) return wait();
  disturb();
  const bool held = thread->pop(mutex);
  const int result = call_cancellable(wait, [&] {
    end_wait(*thread);
    if (held) thread->push(mutex, Kind::mutex, at, nullptr);  // glibc has locked it again
  });
  // EPERM: this thread did not own the mutex, and glibc has not touched it.
  if (held || result != EPERM) took(*thread, mutex, Kind::mutex, at, true);
  return result;
}

template <class Wait>
int untimed(ThreadRecord* thread, std::uintptr_t condition, bool shared, std::uintptr_t mutex, std::uintptr_t at,
            Wait wait) noexcept {
  return release_and_retake(thread, mutex, at, [&] {
    if (thread == nullptr) return wait();
    WaitFor want{Kind::condition, condition, mutex};
    want.shared = shared;
    Waiting waiting(*thread, want, at);
    return wait();
  });
}

bool waits_on(long operation) noexcept {
  const long command = operation & FUTEX_CMD_MASK;
  return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
}

}  // namespace
}  // namespace racetrack::deadlock

using namespace racetrack::deadlock;

// Not noexcept: a cancelled thread unwinds through these.

RACETRACK_DEADLOCK_INTERPOSED int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  ThreadRecord* const thread = this_thread();
  return untimed(thread, address_of(condition), is_shared(*condition), address_of(mutex), RACETRACK_DEADLOCK_CALLER,
                 [=] { return real.pthread_cond_wait(condition, mutex); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                                         const timespec* until) {
  return release_and_retake(this_thread(), address_of(mutex), RACETRACK_DEADLOCK_CALLER,
                            [=] { return real.pthread_cond_timedwait(condition, mutex, until); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                                         clockid_t clock, const timespec* until) {
  return release_and_retake(this_thread(), address_of(mutex), RACETRACK_DEADLOCK_CALLER,
                            [=] { return real.pthread_cond_clockwait(condition, mutex, clock, until); });
}

RACETRACK_DEADLOCK_INTERPOSED int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  ThreadRecord* const thread = this_thread();
  return untimed(thread, address_of(condition), false, address_of(mutex), RACETRACK_DEADLOCK_CALLER,
                 [=] { return real.cnd_wait(condition, mutex); });
}

RACETRACK_DEADLOCK_INTERPOSED int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return release_and_retake(this_thread(), address_of(mutex), RACETRACK_DEADLOCK_CALLER,
                            [=] { return real.cnd_timedwait(condition, mutex, until); });
}

RACETRACK_DEADLOCK_INTERPOSED int sem_wait(sem_t* semaphore) {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) return real.sem_wait(semaphore);
  const int errno_before = errno;
  if (real.sem_trywait(semaphore) == 0) return 0;
  if (errno != EAGAIN) return -1;
  errno = errno_before;
  return wait_cancellable(*thread, {Kind::semaphore, address_of(semaphore)}, RACETRACK_DEADLOCK_CALLER,
                          [=] { return real.sem_wait(semaphore); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr) return real.pthread_barrier_wait(barrier);
  Waiting waiting(*thread, {Kind::barrier, address_of(barrier)}, RACETRACK_DEADLOCK_CALLER);
  return real.pthread_barrier_wait(barrier);
}

RACETRACK_DEADLOCK_INTERPOSED long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long arguments[6];
  // The maximum number of arguments of a system call, as in glibc.
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  const auto call = [&] {
    return real.syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  };
  ThreadRecord* const thread = this_thread();
  const bool untimed_wait = number == SYS_futex && waits_on(arguments[1]) && arguments[3] == 0;
  if (thread == nullptr || !untimed_wait) return call();
  // The word differs from the expected value, so the call does not wait.
  const auto* const word = reinterpret_cast<const std::uint32_t*>(arguments[0]);
  if (__atomic_load_n(word, __ATOMIC_RELAXED) != static_cast<std::uint32_t>(arguments[2])) return call();
  Waiting waiting(*thread, {Kind::futex, static_cast<std::uintptr_t>(arguments[0])}, RACETRACK_DEADLOCK_CALLER);
  return call();
}
