// Exceptions that several threads own (std::exception_ptr, and exceptions in futures). The standard library counts the
// owners, and is not instrumented. The last owner frees an object that the others have read, and without these
// functions that would be a false race.
#include <exception>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

/// An owner releases the exception. All earlier releases happen before this one.
void release_exception(const void* exception) {
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
    const ExplorerScope explorer_scope;
    release_exception(*self);
  }
  release(self);
}

/// Called at the end of every exception handler.
RACETRACK_INTERPOSED void __cxa_end_catch() {
  using End = void (*)();
  static const auto end = reinterpret_cast<End>(next_symbol("__cxa_end_catch"));
  if (runtime.watching) {
    const ExplorerScope explorer_scope;
    const std::exception_ptr caught = std::current_exception();
    const void* const exception = *reinterpret_cast<void* const*>(&caught);  // it consists of one pointer
    if (exception != nullptr) release_exception(exception);
  }
  end();
}
