// pthread_create, join, detach, exit; thread-specific values; destructors of thread_local objects.
#include "explore/interpose/thread.hpp"

#include "explore/execution.hpp"
#include "explore/interpose/cancellation.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {

Thread* thread_of(pthread_t handle) {
  for (unsigned i = 0; i < runtime.thread_count; ++i) {
    Thread& thread = runtime.threads[i];
    if (thread.life != Life::unused && pthread_equal(thread.fiber.handle, handle) != 0) return &thread;
  }
  return nullptr;
}

Thread& create_thread(pthread_t* handle, void* (*routine)(void*), void* argument) {
  runtime.scheduler.point({});
  Thread& made = start_thread(routine, argument);
  *handle = made.fiber.handle;
  note(Operation::create, made.id);
  return made;
}

int join_thread(pthread_t handle, void** result) {
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
    note(Operation::await_end, other->id);
    {
      const CancellableWait cancellable;
      runtime.scheduler.block({});
    }
    thread.wait = Wait::nothing;
    test_cancellation();
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

// Keys made by the subject are numbered from here; others are libc's.
constexpr pthread_key_t kFirstKey = 1U << 20U;

}  // namespace

RACETRACK_INTERPOSED int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*routine)(void*),
                                        void* argument) noexcept {
  if (!runtime.watching) return real().pthread_create(handle, attributes, routine, argument);
  const Inside inside;
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &state);
  create_thread(handle, routine, argument).detached = state == PTHREAD_CREATE_DETACHED;
  return 0;
}

RACETRACK_INTERPOSED int pthread_join(pthread_t handle, void** result) {
  if (!runtime.watching) return real().pthread_join(handle, result);
  const Inside inside;
  return join_thread(handle, result);
}

RACETRACK_INTERPOSED int pthread_detach(pthread_t handle) noexcept {
  if (!runtime.watching) return real().pthread_detach(handle);
  const Inside inside;
  return detach_thread(handle);
}

RACETRACK_INTERPOSED int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  if (!runtime.watching) return real().pthread_key_create(key, destructor);
  const Inside inside;
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
  const Inside inside;
  Thread& thread = current_thread();
  if (thread.exits == Thread::kThreadExits)
    refuse("a thread with more than 64 thread_local objects that have destructors");
  thread.at_exit[thread.exits++] = {function, object};
  return 0;
}
