// What happens once: static variables' guards, pthread_once and with it std::call_once.
#include "explore/interpose/primitive.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

constexpr int kOnceDone = 2;  // glibc's

/// Waits while another thread initialises. Then what lies before its end is known here.
SyncObject& enter_initialisation(const volatile void* at) {
  runtime.scheduler.point(changes(at));
  SyncObject& object = object_at(address_of(at));
  while (object.owner != SyncObject::kNobody) wait_for(Wait::guard, object);
  acquire_from(object);
  return object;
}

void leave_initialisation(SyncObject& object) {
  touch({Touch::Kind::write, object.address});
  object.owner = SyncObject::kNobody;
  release_to(object);
  refresh_waiters(object);
}

}  // namespace

RACETRACK_INTERPOSED int __cxa_guard_acquire(__cxxabiv1::__guard* guard) {
  if (!runtime.watching) return real().cxa_guard_acquire(guard);
  const Inside inside;
  SyncObject& object = enter_initialisation(guard);
  if (*reinterpret_cast<const char*>(guard) != 0) {
    note(Operation::guard_passed, object.address);
    return 0;
  }
  object.owner = current_thread().id;
  refresh_waiters(object);
  note(Operation::guard_begin, object.address);
  return 1;
}

RACETRACK_INTERPOSED void __cxa_guard_release(__cxxabiv1::__guard* guard) noexcept {
  if (!runtime.watching) return real().cxa_guard_release(guard);
  const Inside inside;
  runtime.scheduler.point(changes(guard));
  *reinterpret_cast<char*>(guard) = 1;
  SyncObject& object = object_at(guard);
  note(Operation::guard_end, object.address);
  leave_initialisation(object);
}

RACETRACK_INTERPOSED void __cxa_guard_abort(__cxxabiv1::__guard* guard) noexcept {
  if (!runtime.watching) return real().cxa_guard_abort(guard);
  const Inside inside;
  leave_initialisation(object_at(guard));
}

RACETRACK_INTERPOSED int pthread_once(pthread_once_t* control, void (*initialise)()) {
  if (!runtime.watching) return real().pthread_once(control, initialise);
  SyncObject* object = nullptr;
  {
    const Inside inside;
    object = &enter_initialisation(control);
    use_object(control, Primitive::once_flag, "uses");
    note(Operation::once, object->address);
    if (*control == kOnceDone) return 0;
    object->owner = current_thread().id;
    refresh_waiters(*object);
  }
  try {
    initialise();
  } catch (...) {
    const Inside inside;
    leave_initialisation(*object);
    throw;
  }
  const Inside inside;
  *control = kOnceDone;
  leave_initialisation(*object);
  return 0;
}
