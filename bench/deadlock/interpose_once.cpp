// pthread_once and call_once. The thread that runs the initialiser holds the flag; the others wait for it.
// std::call_once uses pthread_once.
#include "deadlock/detector.hpp"
#include "deadlock/once_guard.h"

namespace racetrack::deadlock {
namespace {

constexpr int kDone = 2;  // glibc's __PTHREAD_ONCE_DONE

struct Call {
  void (*initialiser)();
  int* control;
  std::uintptr_t at;
  Waiting* waiting;
};

constinit thread_local Call* current __attribute__((tls_model("initial-exec"))) = nullptr;

/// Runs in the thread that glibc chose for the initialiser.
void run_chosen() {
  const Call call = *current;
  ThreadRecord* const thread = self;
  call.waiting->end();
  if (thread != nullptr) thread->push(reinterpret_cast<std::uintptr_t>(call.control), Kind::once, call.at, nullptr);
  racetrack_deadlock_run_once(call.initialiser, call.control);
}

/// once(initialiser) is the real call.
template <class Once>
void run_once(int* control, void (*initialiser)(), std::uintptr_t at, Once once) {
  ThreadRecord* const thread = this_thread();
  // Acquire: the same test as glibc's, which follows in the real call.
  if (thread == nullptr || (__atomic_load_n(control, __ATOMIC_ACQUIRE) & kDone) != 0) {
    once(initialiser);
    return;
  }
  Waiting waiting(*thread, {Kind::once, reinterpret_cast<std::uintptr_t>(control)}, at);
  Call call{initialiser, control, at, &waiting};
  current = &call;  // run_chosen reads it first, because an initialiser may call this function again
  once(run_chosen);
}

}  // namespace
}  // namespace racetrack::deadlock

using namespace racetrack::deadlock;

extern "C" void racetrack_deadlock_once_left(void* control) {
  if (self != nullptr) self->pop(reinterpret_cast<std::uintptr_t>(control));
}

RACETRACK_DEADLOCK_INTERPOSED int pthread_once(pthread_once_t* control, void (*initialiser)()) {
  int result = 0;
  run_once(control, initialiser, RACETRACK_DEADLOCK_CALLER,
           [&](void (*function)()) { result = real.pthread_once(control, function); });
  return result;
}

RACETRACK_DEADLOCK_INTERPOSED void call_once(once_flag* flag, void (*initialiser)()) {
  run_once(reinterpret_cast<int*>(flag), initialiser, RACETRACK_DEADLOCK_CALLER,
           [&](void (*function)()) { real.call_once(flag, function); });
}
