// pthread_cond, which std::condition_variable uses.
#include "explore/interpose/condition.hpp"

#include "explore/interpose/cancellation.hpp"
#include "explore/interpose/mutex.hpp"
#include "explore/interpose/primitive.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {

int wait_on(pthread_cond_t* condition, pthread_mutex_t* mutex, std::uint64_t deadline) {
  runtime.scheduler.point(intends_to_write(condition));
  test_cancellation();
  SyncObject& object = use_object(condition, Primitive::condition, "waits on");
  note(Operation::condition_wait, object.address);
  if (has_sleeper(object) && object.partner != address_of(mutex)) {
    report_misuse(object, "waits on", " with another mutex than a thread that waits there already");
  }
  if (const int error = unlock_mutex(mutex)) return error;
  object.partner = address_of(mutex);
  bool in_time = true;
  if (runtime.scheduler.fails_spuriously()) {
    note(Operation::spurious_wakeup, object.address);
    runtime.scheduler.yield();
  } else {
    const CancellableWait cancellable;
    in_time = wait_for(Wait::condition, object, deadline);
    const bool cancelled = !in_time && current_thread().cancel_requested;
    if (!cancelled) note(in_time ? Operation::condition_woken : Operation::condition_timeout, address_of(condition));
  }
  const int locked = lock_mutex(mutex);
  if (!in_time) test_cancellation();
  if (locked != 0) return locked;
  return in_time ? 0 : ETIMEDOUT;
}

void wake_waiters(pthread_cond_t* condition, unsigned count) {
  runtime.scheduler.point(intends_to_write(condition));
  SyncObject& object = use_object(condition, Primitive::condition, "signals");
  note(count == 1 ? Operation::condition_signal : Operation::condition_broadcast, object.address);
  notify(object, count);
}

int begin_condition(pthread_cond_t* condition, const pthread_condattr_t* attributes) {
  begin_object(condition, Primitive::condition);
  touch({Touch::Kind::write, address_of(condition)});
  return real().pthread_cond_init(condition, attributes);
}

void end_condition(pthread_cond_t* condition) {
  touch({Touch::Kind::write, address_of(condition)});
  SyncObject& object = use_object(condition, Primitive::condition, "destroys");
  if (has_sleeper(object)) report_misuse(object, "destroys", " that a thread waits on");
  end_object(object);
}

}  // namespace racetrack::explore

using namespace racetrack::explore;

RACETRACK_INTERPOSED int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) noexcept {
  if (!runtime.watching) return real().pthread_cond_init(condition, attributes);
  const ExplorerScope explorer_scope;
  return begin_condition(condition, attributes);
}

RACETRACK_INTERPOSED int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (!runtime.watching) return real().pthread_cond_wait(condition, mutex);
  const ExplorerScope explorer_scope;
  return wait_on(condition, mutex, Thread::kNever);
}

RACETRACK_INTERPOSED int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                                const timespec* until) {
  if (!runtime.watching) return real().pthread_cond_timedwait(condition, mutex, until);
  const ExplorerScope explorer_scope;
  return wait_on(condition, mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                                const timespec* until) {
  if (!runtime.watching) return real().pthread_cond_clockwait(condition, mutex, clock, until);
  const ExplorerScope explorer_scope;
  return wait_on(condition, mutex, nanoseconds_of(*until));
}

RACETRACK_INTERPOSED int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (!runtime.watching) return real().pthread_cond_signal(condition);
  const ExplorerScope explorer_scope;
  wake_waiters(condition, 1);
  return 0;
}

RACETRACK_INTERPOSED int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (!runtime.watching) return real().pthread_cond_broadcast(condition);
  const ExplorerScope explorer_scope;
  wake_waiters(condition, kMostThreads);
  return 0;
}

RACETRACK_INTERPOSED int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  if (!runtime.watching) return real().pthread_cond_destroy(condition);
  const ExplorerScope explorer_scope;
  end_condition(condition);
  return 0;
}
