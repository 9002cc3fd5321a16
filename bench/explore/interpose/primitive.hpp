// Lifetimes of mutexes, condition variables, rwlocks, barriers, semaphores, spin locks and once flags. Using an object ends the execution as
// misuse when the object was never initialised, was destroyed, is of another kind, or is not in allocated memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/runtime.hpp"

namespace racetrack::explore {

/// "mutex", "condition variable", ...
const char* name_of(Primitive primitive) noexcept;

/// The object at `address` that the current thread uses. `action`: what the thread does with it, as in "locks". Reports misuse when
/// the object cannot be used.
SyncObject& use_object(const volatile void* address, Primitive primitive, const char* action);
/// The object at `address`, new, after a call that initialises it. Reports misuse when it is initialised already.
SyncObject& begin_object(const volatile void* address, Primitive primitive);
/// After a call that destroys it: a use until the next initialisation is misuse. The caller has checked that no thread uses it.
void end_object(SyncObject& object);
/// Outside an execution: a semaphore whose bytes are all zero has been initialised.
void remember_initialised(const volatile void* address) noexcept;

/// "thread 1 destroys a mutex, but ...". Does not return.
[[noreturn]] void report_misuse(const SyncObject& object, const char* action, const char* why);

}  // namespace racetrack::explore
