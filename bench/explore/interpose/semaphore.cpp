// Unnamed POSIX semaphores. (std::counting_semaphore consists of atomics and futexes.)
#include <climits>

#include "explore/interpose/cancellation.hpp"
#include "explore/interpose/primitive.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

int fail_with(int error) {
  errno = error;
  return -1;
}

bool wait_cancellably(SyncObject& semaphore, std::uint64_t deadline) {
  const CancellableWait cancellable;
  return wait_for(Wait::semaphore, semaphore, deadline);
}

[[gnu::always_inline]] inline int take(sem_t* semaphore, std::uint64_t deadline, bool tries) {
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(semaphore));
  if (!tries) test_cancellation();
  SyncObject& object = use_object(semaphore, Primitive::semaphore, tries ? "tries to take" : "waits for");
  while (object.value <= 0) {
    if (tries) {
      note(Operation::semaphore_fails, object.address);
      return fail_with(EAGAIN);
    }
    if (!wait_cancellably(object, deadline)) {
      test_cancellation();
      return fail_with(ETIMEDOUT);
    }
  }
  --object.value;
  acquire_from(object);
  refresh_waiters(object);
  note(Operation::semaphore_wait, object.address, static_cast<std::uint64_t>(object.value));
  return 0;
}

}  // namespace

RACETRACK_INTERPOSED int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
  if (!runtime.watching) {
    remember_initialised(semaphore);
    return real().sem_init(semaphore, shared, value);
  }
  const ExplorerScope explorer_scope;
  SyncObject& object = begin_object(semaphore, Primitive::semaphore);
  if (value > INT_MAX) report_misuse(object, "initialises", " with more than SEM_VALUE_MAX");
  touch({Touch::Kind::write, object.address});
  object.value = static_cast<std::int32_t>(value);
  return real().sem_init(semaphore, shared, value);
}
RACETRACK_INTERPOSED int sem_destroy(sem_t* semaphore) noexcept {
  if (!runtime.watching) return real().sem_destroy(semaphore);
  const ExplorerScope explorer_scope;
  touch({Touch::Kind::write, address_of(semaphore)});
  SyncObject& object = use_object(semaphore, Primitive::semaphore, "destroys");
  if (object.waiters != 0) report_misuse(object, "destroys", " that a thread waits for");
  end_object(object);
  return 0;
}
RACETRACK_INTERPOSED int sem_wait(sem_t* semaphore) {
  if (!runtime.watching) return real().sem_wait(semaphore);
  return take(semaphore, Thread::kNever, false);
}
RACETRACK_INTERPOSED int sem_trywait(sem_t* semaphore) noexcept {
  if (!runtime.watching) return real().sem_trywait(semaphore);
  return take(semaphore, Thread::kNever, true);
}
RACETRACK_INTERPOSED int sem_timedwait(sem_t* semaphore, const timespec* until) {
  if (!runtime.watching) return real().sem_timedwait(semaphore, until);
  return take(semaphore, nanoseconds_of(*until), false);
}
RACETRACK_INTERPOSED int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  if (!runtime.watching) return real().sem_clockwait(semaphore, clock, until);
  return take(semaphore, nanoseconds_of(*until), false);
}
RACETRACK_INTERPOSED int sem_post(sem_t* semaphore) noexcept {
  if (!runtime.watching) return real().sem_post(semaphore);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(semaphore));
  SyncObject& object = use_object(semaphore, Primitive::semaphore, "posts");
  if (object.value == INT_MAX) report_misuse(object, "posts", " whose value is SEM_VALUE_MAX");
  ++object.value;
  Thread& thread = current_thread();
  object.released.join(thread.clock);
  thread.clock.tick(thread.id);
  note(Operation::semaphore_post, object.address, static_cast<std::uint64_t>(object.value));
  refresh_waiters(object);
  return 0;
}
RACETRACK_INTERPOSED int sem_getvalue(sem_t* semaphore, int* value) noexcept {
  if (!runtime.watching) return real().sem_getvalue(semaphore, value);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_read(semaphore));
  touch({Touch::Kind::read, address_of(semaphore)});
  *value = use_object(semaphore, Primitive::semaphore, "reads the value of").value;
  return 0;
}
