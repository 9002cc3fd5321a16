// pthread_barrier.
#include <bit>
#include <climits>

#include "explore/interpose/primitive.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

RACETRACK_INTERPOSED int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                                              unsigned count) noexcept {
  if (!runtime.watching) return real().pthread_barrier_init(barrier, attributes, count);
  const ExplorerScope explorer_scope;
  SyncObject& object = begin_object(barrier, Primitive::barrier);
  if (count == 0) report_misuse(object, "initialises", " for 0 threads");
  if (count > INT_MAX) report_misuse(object, "initialises", " for more threads than there can be");
  touch({Touch::Kind::write, object.address});
  object.limit = static_cast<std::int32_t>(count);
  return real().pthread_barrier_init(barrier, attributes, count);
}

RACETRACK_INTERPOSED int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  if (!runtime.watching) return real().pthread_barrier_wait(barrier);
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(barrier));
  SyncObject& object = use_object(barrier, Primitive::barrier, "waits at");
  Thread& thread = current_thread();
  note(Operation::barrier_wait, object.address);
  object.released.join(thread.clock);
  thread.clock.tick(thread.id);
  if (++object.value >= object.limit) {
    object.value = 0;
    // Acquires for the waiters here, because the barrier may be destroyed before they run.
    for (ThreadSet set = object.waiters; set != 0; set &= set - 1) {
      runtime.threads[static_cast<unsigned>(std::countr_zero(set))].clock.join(object.released);
    }
    notify(object, kMostThreads);
    acquire_from(object);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  wait_for(Wait::barrier, object);
  note(Operation::barrier_pass, address_of(barrier));
  return 0;
}

RACETRACK_INTERPOSED int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  if (!runtime.watching) return real().pthread_barrier_destroy(barrier);
  const ExplorerScope explorer_scope;
  touch({Touch::Kind::write, address_of(barrier)});
  SyncObject& object = use_object(barrier, Primitive::barrier, "destroys");
  if (has_sleeper(object)) report_misuse(object, "destroys", " that a thread waits at");
  end_object(object);
  return 0;
}
