#include "explore/interpose/cancellation.hpp"

#include <array>
#include <csetjmp>

#include <unwind.h>

#include "explore/execution.hpp"
#include "explore/interpose/real.hpp"
#include "explore/interpose/thread.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {
namespace {

/// The unwinder's object for each thread. It has no destructor and needs none.
[[gnu::section("racetrack_state")]] constinit std::array<_Unwind_Exception, kMostThreads> unwound{};

/// Called when a handler of catch (...) ends without `throw;`.
void on_swallowed(_Unwind_Reason_Code, _Unwind_Exception*) {
  const ExplorerScope explorer_scope;
  fail("crash", "thread " + std::to_string(runtime.current->id) +
                    " ends or is cancelled, and a handler of catch (...) does not rethrow");
}

/// Called for each frame. Leaves the unwinding at the stack's end, and when it reaches the frame of a cleanup handler
/// of C code.
_Unwind_Reason_Code stop(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                         _Unwind_Context* context, void*) {
  Thread& thread = current_thread();
  const bool at_end = (actions & _UA_END_OF_STACK) != 0;
  auto* const handler = static_cast<__pthread_unwind_buf_t*>(thread.cleanup);
  if (handler != nullptr && (at_end || _Unwind_GetCFA(context) > address_of(handler))) {
    std::longjmp(reinterpret_cast<__jmp_buf_tag*>(handler->__cancel_jmp_buf), 1);
  }
  if (at_end) {
    runtime.watching = true;
    end_thread();
  }
  return _URC_NO_REASON;
}

[[noreturn]] void unwind() {
  _Unwind_Exception& exception = unwound[current_thread().id];
  exception = {};
  exception.exception_cleanup = on_swallowed;
  _Unwind_ForcedUnwind(&exception, stop, nullptr);
  runtime.watching = true;  // a frame cannot be unwound: the thread ends without unwinding the rest
  end_thread();
}

bool is_to_end(const Thread& thread) noexcept {
  return thread.cancel_requested && !thread.cancel_disabled && !thread.exiting;
}

}  // namespace

void test_cancellation() {
  Thread& thread = current_thread();
  touch({Touch::Kind::read, address_of(&thread.cancel_requested)});
  if (!is_to_end(thread)) return;
  note(Operation::cancelled, thread.id);
  exit_thread(PTHREAD_CANCELED);
}

CancellableWait::CancellableWait() : thread_(current_thread()) {
  thread_.cancellable = !thread_.cancel_disabled && !thread_.exiting;
  thread_.timed_out = false;
}
CancellableWait::~CancellableWait() { thread_.cancellable = false; }

void exit_thread(void* result) {
  Thread& thread = current_thread();
  thread.exiting = true;
  thread.result = result;
  unwind();
}

}  // namespace racetrack::explore

using namespace racetrack::explore;

RACETRACK_INTERPOSED void pthread_exit(void* result) {
  if (!runtime.watching) real().pthread_exit(result);
  exit_thread(result);
}

RACETRACK_INTERPOSED int pthread_cancel(pthread_t handle) {
  if (!runtime.watching) return real().pthread_cancel(handle);
  const ExplorerScope explorer_scope;
  Thread* const other = thread_of(handle);
  if (other == nullptr || other->joined) return ESRCH;
  runtime.scheduler.point(intends_to_write(&other->cancel_requested));
  note(Operation::cancel, other->id);
  touch({Touch::Kind::write, address_of(&other->cancel_requested)});
  if (other->life != Life::running || other->cancel_requested) return 0;
  other->cancel_requested = true;
  if (other->cancellable && !other->notified && !other->timed_out) {
    other->timed_out = true;
    runtime.scheduler.make_runnable(*other);
  }
  return 0;
}

RACETRACK_INTERPOSED void pthread_testcancel() {
  if (!runtime.watching) return real().pthread_testcancel();
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_read(&current_thread().cancel_requested));
  test_cancellation();
}

RACETRACK_INTERPOSED int pthread_setcancelstate(int state, int* before) {
  if (!runtime.watching) return real().pthread_setcancelstate(state, before);
  const ExplorerScope explorer_scope;
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  Thread& thread = current_thread();
  if (before != nullptr) *before = thread.cancel_disabled ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
  thread.cancel_disabled = state == PTHREAD_CANCEL_DISABLE;
  return 0;
}

RACETRACK_INTERPOSED int pthread_setcanceltype(int type, int* before) {
  if (!runtime.watching) return real().pthread_setcanceltype(type, before);
  const ExplorerScope explorer_scope;
  if (type == PTHREAD_CANCEL_ASYNCHRONOUS)
    refuse("the subject asks for asynchronous cancellation, between any two instructions");
  if (type != PTHREAD_CANCEL_DEFERRED) return EINVAL;
  if (before != nullptr) *before = PTHREAD_CANCEL_DEFERRED;
  return 0;
}

// pthread_cleanup_push and pthread_cleanup_pop call these functions in C. In C++, and in C with -fexceptions, they use
// destructors instead.

RACETRACK_INTERPOSED void __pthread_register_cancel(__pthread_unwind_buf_t* handler) {
  if (!runtime.watching) return real().pthread_register_cancel(handler);
  handler->__pad[0] = current_thread().cleanup;
  current_thread().cleanup = handler;
}

RACETRACK_INTERPOSED void __pthread_unregister_cancel(__pthread_unwind_buf_t* handler) {
  if (!runtime.watching) return real().pthread_unregister_cancel(handler);
  current_thread().cleanup = handler->__pad[0];
}

RACETRACK_INTERPOSED __attribute__((noreturn)) void __pthread_unwind_next(__pthread_unwind_buf_t* handler) {
  if (!runtime.watching) real().pthread_unwind_next(handler);
  current_thread().cleanup = handler->__pad[0];
  unwind();
}
