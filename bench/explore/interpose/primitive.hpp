// Lifetimes of mutexes, condition variables, rwlocks, barriers, semaphores, spin locks and once flags. Using an object
// ends the execution as misuse when the object was never initialised, was destroyed, is of another kind, or is not in
// allocated memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/runtime.hpp"

namespace racetrack::explore {

/// "mutex", "condition variable", ...
const char* name_of(Primitive primitive) noexcept;

/// Returns the object at `address` for a use by the current thread. `action` is the verb for reports, as in "locks".
/// Reports misuse when the object cannot be used.
SyncObject& use_object(const volatile void* address, Primitive primitive, const char* action);
/// Returns a new object at `address` for a call that initialises it. Reports misuse when it is initialised already.
SyncObject& begin_object(const volatile void* address, Primitive primitive);
/// Marks the object as destroyed: a use before the next initialisation is misuse. The caller has checked that no thread
/// uses it.
void end_object(SyncObject& object);
/// Outside an execution: records that a semaphore is initialised, because all of its bytes may be zero.
void remember_initialised(const volatile void* address) noexcept;

/// "thread 1 destroys a mutex, but ...". Does not return.
[[noreturn]] void report_misuse(const SyncObject& object, const char* action, const char* why);

}  // namespace racetrack::explore
