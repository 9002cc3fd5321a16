// Creation, end and joins of threads.
#include "deadlock/detector.hpp"

namespace racetrack::deadlock {
namespace {

void* run_pthread(void* argument) {
  auto& record = *static_cast<ThreadRecord*>(argument);
  auto* const function = reinterpret_cast<void* (*)(void*)>(record.begin_function);
  void* const given = record.begin_argument;
  begin_thread(record);
  void* const result = function(given);
  record.end.store(ThreadRecord::End::returned, std::memory_order_relaxed);
  return result;
}

int run_thrd(void* argument) {
  auto& record = *static_cast<ThreadRecord*>(argument);
  auto* const function = reinterpret_cast<int (*)(void*)>(record.begin_function);
  void* const given = record.begin_argument;
  begin_thread(record);
  const int result = function(given);
  record.end.store(ThreadRecord::End::returned, std::memory_order_relaxed);
  return result;
}

/// Calls create(), which makes the thread and returns 0 on success. The thread runs `function`.
template <class Function, class Create>
int create_thread(ThreadRecord& record, unsigned long* handle, Function function, void* argument,
                  Create create) noexcept {
  record.begin_function = reinterpret_cast<void (*)()>(function);
  record.begin_argument = argument;
  const int result = create();
  if (result != 0) {
    cancel_expected_thread(record);
  } else {
    // The thread may have ended, and another may use its record: that one has set its own handle.
    unsigned long none = 0;
    record.handle.compare_exchange_strong(none, *handle, std::memory_order_relaxed);
  }
  return result;
}

template <class Join>
int untimed_join(ThreadRecord* thread, pthread_t handle, std::uintptr_t at, Join join) {
  if (thread == nullptr) return join();
  ThreadRecord* const target = find_thread(handle);
  if (target == nullptr || target == thread) return join();  // the thread has ended, or glibc returns EDEADLK
  return wait_cancellable(*thread, {Kind::join, handle, 0, target}, at, join);
}

}  // namespace
}  // namespace racetrack::deadlock

using namespace racetrack::deadlock;

RACETRACK_DEADLOCK_INTERPOSED int pthread_create(pthread_t* handle, const pthread_attr_t* attributes,
                                                 void* (*function)(void*), void* argument) noexcept {
  ThreadRecord* const record = this_thread() == nullptr ? nullptr : expect_thread();
  if (record == nullptr) return real.pthread_create(handle, attributes, function, argument);
  return create_thread(*record, handle, function, argument,
                       [=] { return real.pthread_create(handle, attributes, run_pthread, record); });
}

RACETRACK_DEADLOCK_INTERPOSED int thrd_create(thrd_t* handle, int (*function)(void*), void* argument) {
  ThreadRecord* const record = this_thread() == nullptr ? nullptr : expect_thread();
  if (record == nullptr) return real.thrd_create(handle, function, argument);
  return create_thread(*record, handle, function, argument, [=] { return real.thrd_create(handle, run_thrd, record); });
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_cancel(pthread_t handle) {
  if (this_thread() != nullptr) {
    if (ThreadRecord* const target = find_thread(handle))
      target->cancel_requested.store(true, std::memory_order_relaxed);
  }
  return real.pthread_cancel(handle);
}

RACETRACK_DEADLOCK_INTERPOSED void pthread_exit(void* result) {
  if (ThreadRecord* const thread = this_thread())
    thread->end.store(ThreadRecord::End::exited, std::memory_order_relaxed);
  real.pthread_exit(result);
  __builtin_unreachable();
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
