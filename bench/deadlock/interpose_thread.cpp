// Threads begin and are joined.
#include <cerrno>

#include "deadlock/detector.hpp"

namespace racetrack::deadlock {
namespace {

/// What a new thread needs to know; it frees it.
template <class Function>
struct Begin {
  Function function;
  void* argument;
  ThreadRecord* record;
};

template <class Function>
Begin<Function> begin_of(void* argument) noexcept {
  auto* const given = static_cast<Begin<Function>*>(argument);
  const Begin<Function> begin = *given;
  __builtin_free(given);
  if (begin.record != nullptr) begin_thread(*begin.record);
  return begin;
}

void* run_pthread(void* argument) {
  const auto begin = begin_of<void* (*)(void*)>(argument);
  return begin.function(begin.argument);
}

int run_thrd(void* argument) {
  const auto begin = begin_of<int (*)(void*)>(argument);
  return begin.function(begin.argument);
}

/// `create(start argument)` makes the thread; 0 says that it did.
template <class Function, class Create>
int create_thread(unsigned long* handle, Function function, void* argument, Create create) noexcept {
  auto* const begin = static_cast<Begin<Function>*>(__builtin_malloc(sizeof(Begin<Function>)));
  if (begin == nullptr) return -1;
  ThreadRecord* const record = expect_thread();
  *begin = {function, argument, record};
  const int result = create(begin);
  if (result != 0) {
    __builtin_free(begin);
    if (record != nullptr) expect_no_thread(*record);
  } else if (record != nullptr) {
    // It may have ended, and its record be another thread's: that one knows its own handle.
    unsigned long none = 0;
    record->handle.compare_exchange_strong(none, *handle, std::memory_order_relaxed);
  }
  return result;
}

template <class Join>
int untimed_join(ThreadRecord* thread, pthread_t handle, std::uintptr_t at, Join join) {
  if (thread == nullptr) return join();
  ThreadRecord* const target = find_thread(handle);
  if (target == nullptr || target == thread) return join();  // it has ended, or glibc says EDEADLK
  Waiting waiting(*thread, {Kind::join, handle, 0, target}, at);
  return join();
}

}  // namespace
}  // namespace racetrack::deadlock

using namespace racetrack::deadlock;

RACETRACK_DEADLOCK_INTERPOSED int pthread_create(pthread_t* handle, const pthread_attr_t* attributes,
                                                 void* (*function)(void*), void* argument) noexcept {
  if (this_thread() == nullptr) return real.pthread_create(handle, attributes, function, argument);
  const int result = create_thread(handle, function, argument, [=](void* begin) {
    return real.pthread_create(handle, attributes, run_pthread, begin);
  });
  return result < 0 ? EAGAIN : result;
}

RACETRACK_DEADLOCK_INTERPOSED int thrd_create(thrd_t* handle, int (*function)(void*), void* argument) {
  if (this_thread() == nullptr) return real.thrd_create(handle, function, argument);
  const int result =
      create_thread(handle, function, argument, [=](void* begin) { return real.thrd_create(handle, run_thrd, begin); });
  return result < 0 ? thrd_nomem : result;
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_join(pthread_t handle, void** result) {
  return untimed_join(this_thread(), handle, RACETRACK_DEADLOCK_CALLER,
                      [=] { return real.pthread_join(handle, result); });
}

RACETRACK_DEADLOCK_INTERPOSED int thrd_join(thrd_t handle, int* result) {
  return untimed_join(this_thread(), handle, RACETRACK_DEADLOCK_CALLER, [=] { return real.thrd_join(handle, result); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* until) {
  ThreadRecord* const thread = this_thread();
  const auto join = [=] { return real.pthread_timedjoin_np(handle, result, until); };
  return until == nullptr ? untimed_join(thread, handle, RACETRACK_DEADLOCK_CALLER, join) : join();
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock,
                                                       const timespec* until) {
  ThreadRecord* const thread = this_thread();
  const auto join = [=] { return real.pthread_clockjoin_np(handle, result, clock, until); };
  return until == nullptr ? untimed_join(thread, handle, RACETRACK_DEADLOCK_CALLER, join) : join();
}
