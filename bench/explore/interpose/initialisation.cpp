// One-time initialisation: guards of static variables, pthread_once and with it std::call_once.
#include "explore/interpose/primitive.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

constexpr int kOnceDone = 2;  // glibc's

/// Waits while another thread initialises, and acquires the clock of its end.
SyncObject& enter_initialisation(const volatile void* at) {
  runtime.scheduler.point(intends_to_write(at));
  SyncObject& object = object_at(address_of(at));
  while (object.owner != SyncObject::kNoOwner) wait_for(Wait::guard, object);
  acquire_from(object);
  return object;
}

void leave_initialisation(SyncObject& object) {
  touch({Touch::Kind::write, object.address});
  object.owner = SyncObject::kNoOwner;
  release_to(object);
  refresh_waiters(object);
}

}  // namespace

RACETRACK_INTERPOSED int __cxa_guard_acquire(__cxxabiv1::__guard* guard) {
  if (!runtime.watching) return real().cxa_guard_acquire(guard);
  const ExplorerScope explorer_scope;
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
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(guard));
  *reinterpret_cast<char*>(guard) = 1;
  SyncObject& object = object_at(guard);
  note(Operation::guard_end, object.address);
  leave_initialisation(object);
}

RACETRACK_INTERPOSED void __cxa_guard_abort(__cxxabiv1::__guard* guard) noexcept {
  if (!runtime.watching) return real().cxa_guard_abort(guard);
  const ExplorerScope explorer_scope;
  leave_initialisation(object_at(guard));
}

RACETRACK_INTERPOSED int pthread_once(pthread_once_t* control, void (*initialise)()) {
  if (!runtime.watching) return real().pthread_once(control, initialise);
  SyncObject* object = nullptr;
  {
    const ExplorerScope explorer_scope;
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
    const ExplorerScope explorer_scope;
    leave_initialisation(*object);
    throw;
  }
  const ExplorerScope explorer_scope;
  *control = kOnceDone;
  leave_initialisation(*object);
  return 0;
}
