// Exceptions that several threads have (std::exception_ptr, and what futures throw): their count of owners is in the standard library, which
// is not instrumented. The last owner frees what the others have read, and without these functions that would look like a race.
#include <exception>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

/// An owner lets go of the exception: every owner before it has done so earlier.
void let_go_of(const void* exception) {
  SyncObject& object = object_at(exception);
  acquire_from(object);
  release_to(object);
}

}  // namespace

/// exception_ptr::_M_release().
RACETRACK_INTERPOSED void _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(void** self) noexcept {
  using Release = void (*)(void**);
  static const auto release =
      reinterpret_cast<Release>(next_symbol("_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv"));
  if (runtime.watching && *self != nullptr) {
    const Inside inside;
    let_go_of(*self);
  }
  release(self);
}

/// Called at the end of every handler.
RACETRACK_INTERPOSED void __cxa_end_catch() {
  using End = void (*)();
  static const auto end = reinterpret_cast<End>(next_symbol("__cxa_end_catch"));
  if (runtime.watching) {
    const Inside inside;
    const std::exception_ptr caught = std::current_exception();
    const void* const exception = *reinterpret_cast<void* const*>(&caught);  // a pointer is all that it is
    if (exception != nullptr) let_go_of(exception);
  }
  end();
}
