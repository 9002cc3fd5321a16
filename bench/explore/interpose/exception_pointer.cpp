// std::exception_ptr: its count of owners is in the standard library, which is not instrumented. The last owner frees what the others
// have read, so that without these an exception that two threads share looks like a race.
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

/// exception_ptr::_M_release().
RACETRACK_INTERPOSED void _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self) noexcept {
  using Release = void (*)(void**);
  static const auto release =
      reinterpret_cast<Release>(next_symbol("_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv"));
  if (runtime.watching && *self != nullptr) {
    const Inside inside;
    SyncObject& object = object_at(*self);
    acquire_from(object);  // every owner before this one
    release_to(object);
  }
  release(self);
}
