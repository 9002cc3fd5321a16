// pthread_barrier.
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

RACETRACK_INTERPOSED int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                                              unsigned count) noexcept {
  if (!runtime.watching) return real().pthread_barrier_init(barrier, attributes, count);
  const Inside inside;
  if (count == 0) return EINVAL;
  SyncObject& object = object_at(barrier);
  object.limit = static_cast<std::int32_t>(count);
  object.value = 0;
  return 0;
}

RACETRACK_INTERPOSED int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  if (!runtime.watching) return real().pthread_barrier_wait(barrier);
  const Inside inside;
  runtime.scheduler.point(changes(barrier));
  SyncObject& object = object_at(barrier);
  Thread& thread = current_thread();
  note(Operation::barrier_wait, object.address);
  object.released.join(thread.clock);
  thread.clock.tick(thread.id);
  if (++object.value >= object.limit) {
    object.value = 0;
    notify(object, kMostThreads);
    acquire_from(object);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  wait_for(Wait::barrier, object);
  acquire_from(object);
  note(Operation::barrier_pass, object.address);
  return 0;
}

RACETRACK_INTERPOSED int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  if (!runtime.watching) return real().pthread_barrier_destroy(barrier);
  const Inside inside;
  touch({Touch::Kind::write, address_of(barrier)});
  if (object_at(barrier).waiters != 0) fail("misuse", "a barrier is destroyed while a thread waits at it");
  return 0;
}
