// pthread_create, join and detach; thread-specific values; destructors of thread_local objects.
#include "explore/interpose/thread.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include <dlfcn.h>

#include "explore/execution.hpp"
#include "explore/interpose/cancellation.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"
#include "explore/world/system_threads.hpp"

namespace racetrack::explore {

Thread* thread_of(pthread_t handle) {
  for (unsigned i = 0; i < runtime.thread_count; ++i) {
    Thread& thread = runtime.threads[i];
    if (thread.life != Life::unused && pthread_equal(thread.fiber.handle, handle) != 0) return &thread;
  }
  return nullptr;
}

namespace {

/// The uninstrumented library that contains the address, or null.
const Library* library_at(std::uintptr_t address) {
  const auto found = std::find_if(runtime.uninstrumented.begin(), runtime.uninstrumented.end(),
                                  [&](const Library& library) { return library.all.contains(address); });
  return found == runtime.uninstrumented.end() ? nullptr : &*found;
}

/// The uninstrumented library that starts a thread with this function and argument, or null. Functions of libstdc++ and
/// libboost_thread start threads for other code: their argument is an object whose vtable is in that code's module.
const Library* library_that_starts(std::uintptr_t function, std::uintptr_t argument) {
  if (runtime.uninstrumented.empty()) return nullptr;
  const auto holds = [&](const Span& span) { return span.contains(function); };
  const Library* const starter = library_at(function);
  if (starter == nullptr && std::any_of(runtime.code.begin(), runtime.code.end(), holds)) return nullptr;
  void* table = nullptr;
  if (in_arena(argument) && argument % alignof(void*) == 0) {
    std::memcpy(&table, reinterpret_cast<const void*>(argument), sizeof table);
  }
  Dl_info module;
  if (table == nullptr || dladdr(table, &module) == 0) return starter;
  return library_at(reinterpret_cast<std::uintptr_t>(table));
}

/// `code`: the routine's.
Thread& create(pthread_t* handle, std::uintptr_t code, void* (*routine)(void*), void* argument) {
  for (const Library& library : runtime.wait_without_libc) {
    if (!library.all.contains(code)) continue;
    refuse(library.file +
           " starts a thread that waits by system calls without libc, which the explorer does not control (OpenMP)");
  }
  runtime.scheduler.point({});
  Thread& made = start_thread(routine, argument);
  made.started_by = library_that_starts(code, reinterpret_cast<std::uintptr_t>(argument));
  *handle = made.fiber.handle;
  note(Operation::create, made.id);
  return made;
}

}  // namespace

Thread& create_thread(pthread_t* handle, void* (*routine)(void*), void* argument) {
  return create(handle, reinterpret_cast<std::uintptr_t>(routine), routine, argument);
}

Thread& create_thread(pthread_t* handle, int (*routine)(void*), void* argument) {
  Thread& made = create(handle, reinterpret_cast<std::uintptr_t>(routine), nullptr, argument);
  made.c11_routine = routine;
  return made;
}

int join_thread(pthread_t handle, void** result, std::uint64_t deadline) {
  runtime.scheduler.point({});
  test_cancellation();
  Thread* const other = thread_of(handle);
  Thread& thread = current_thread();
  if (other == nullptr || other->joined) return ESRCH;
  if (other->detached) return EINVAL;
  if (other == &thread) return EDEADLK;
  if (other->life != Life::ended) {
    thread.wait = Wait::join;
    thread.awaited = other->id;
    thread.deadline = deadline;
    thread.timed_out = false;
    note(Operation::await_end, other->id);
    {
      const CancellableWait cancellable;
      runtime.scheduler.block({});
    }
    thread.wait = Wait::nothing;
    thread.deadline = Thread::kNever;
    test_cancellation();
    if (other->life != Life::ended) return ETIMEDOUT;
  }
  other->joined = true;
  thread.clock.join(other->clock);
  note(Operation::join, other->id);
  if (result != nullptr) *result = other->result;
  return 0;
}

int detach_thread(pthread_t handle) {
  Thread* const other = thread_of(handle);
  if (other == nullptr) return ESRCH;
  if (other->detached || other->joined) return EINVAL;
  other->detached = true;
  note(Operation::detach, other->id);
  return 0;
}

}  // namespace racetrack::explore

using namespace racetrack::explore;

namespace {

// Keys that the subject creates are numbered from here; smaller ones are libc's.
constexpr pthread_key_t kFirstKey = 1U << 20U;

}  // namespace

RACETRACK_INTERPOSED int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*routine)(void*),
                                        void* argument) noexcept {
  if (!runtime.watching) return start_uncontrolled(handle, attributes, routine, argument);
  const ExplorerScope explorer_scope;
  int state = PTHREAD_CREATE_JOINABLE;
  std::size_t stack = kUsualStack;
  if (attributes != nullptr) {
    pthread_attr_getdetachstate(attributes, &state);
    pthread_attr_getstacksize(attributes, &stack);
    if (stack > kLargestStack) {
      refuse("the subject asks for a thread with a stack of " + std::to_string(stack >> 20U) + " MiB; the limit is " +
             std::to_string(kLargestStack >> 20U) + " MiB");
    }
  }
  Thread& made = create_thread(handle, routine, argument);
  made.detached = state == PTHREAD_CREATE_DETACHED;
  set_stack_size(made.fiber, stack);
  return 0;
}

RACETRACK_INTERPOSED int pthread_join(pthread_t handle, void** result) {
  if (!runtime.watching) return real().pthread_join(handle, result);
  const ExplorerScope explorer_scope;
  return join_thread(handle, result);
}

RACETRACK_INTERPOSED int pthread_tryjoin_np(pthread_t handle, void** result) noexcept {
  if (!runtime.watching) {
    using TryJoin = int (*)(pthread_t, void**);
    static const auto next = reinterpret_cast<TryJoin>(next_symbol("pthread_tryjoin_np"));
    return next(handle, result);
  }
  const ExplorerScope explorer_scope;
  runtime.scheduler.point({});
  Thread* const other = thread_of(handle);
  if (other != nullptr && other != &current_thread() && !other->joined && !other->detached &&
      other->life != Life::ended) {
    runtime.scheduler.yield();  // the caller probably tries again in a loop
    return EBUSY;
  }
  return join_thread(handle, result);
}

namespace {

using JoinUntil = int (*)(pthread_t, void**, const timespec*);
using JoinUntilOfClock = int (*)(pthread_t, void**, clockid_t, const timespec*);

}  // namespace

RACETRACK_INTERPOSED int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* until) {
  if (!runtime.watching) {
    static const auto next = reinterpret_cast<JoinUntil>(next_symbol("pthread_timedjoin_np"));
    return next(handle, result, until);
  }
  const ExplorerScope explorer_scope;
  return join_thread(handle, result, until != nullptr ? nanoseconds_of(*until) : Thread::kNever);
}
RACETRACK_INTERPOSED int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock, const timespec* until) {
  if (!runtime.watching) {
    static const auto next = reinterpret_cast<JoinUntilOfClock>(next_symbol("pthread_clockjoin_np"));
    return next(handle, result, clock, until);
  }
  const ExplorerScope explorer_scope;
  return join_thread(handle, result, until != nullptr ? nanoseconds_of(*until) : Thread::kNever);
}

RACETRACK_INTERPOSED int pthread_detach(pthread_t handle) noexcept {
  if (!runtime.watching) return real().pthread_detach(handle);
  const ExplorerScope explorer_scope;
  return detach_thread(handle);
}

RACETRACK_INTERPOSED int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  if (!runtime.watching) return real().pthread_key_create(key, destructor);
  const ExplorerScope explorer_scope;
  Runtime& r = runtime;
  if (r.key_count == Thread::kKeys) return EAGAIN;
  const unsigned made = r.key_count++;
  r.key_destructors[made] = destructor;
  *key = kFirstKey + made;
  return 0;
}
RACETRACK_INTERPOSED int pthread_key_delete(pthread_key_t key) noexcept {
  if (key < kFirstKey) return real().pthread_key_delete(key);
  if (runtime.watching) runtime.key_destructors[key - kFirstKey] = nullptr;
  return 0;
}
RACETRACK_INTERPOSED void* pthread_getspecific(pthread_key_t key) noexcept {
  if (key < kFirstKey) return real().pthread_getspecific(key);
  return runtime.watching ? current_thread().specific[key - kFirstKey] : nullptr;
}
RACETRACK_INTERPOSED int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  if (key < kFirstKey) return real().pthread_setspecific(key, value);
  if (runtime.watching) current_thread().specific[key - kFirstKey] = const_cast<void*>(value);
  return 0;
}

RACETRACK_INTERPOSED int __cxa_thread_atexit(void (*function)(void*), void* object, void* module) noexcept {
  if (!runtime.watching) return real().cxa_thread_atexit(function, object, module);
  const ExplorerScope explorer_scope;
  Thread& thread = current_thread();
  if (thread.exits == Thread::kThreadExits)
    refuse("a thread with more than 64 thread_local objects that have destructors");
  thread.at_exit[thread.exits++] = {function, object};
  return 0;
}
