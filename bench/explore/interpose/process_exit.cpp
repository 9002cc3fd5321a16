// A call that ends the process ends only the execution, not the exploration.
#include <string>
#include <utility>

#include <cstdlib>
#include <unistd.h>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

using namespace racetrack::explore;

namespace {

/// Status 0 ends the execution normally, if it may exit. Other statuses are failures.
[[noreturn]] void end_process(const char* call, int status) {
  const ExplorerScope explorer_scope;
  if (status == 0 && runtime.may_exit) end_execution();
  fail({.kind = "crash",
        .text = "thread " + std::to_string(runtime.current->id) + " calls " + call + "(" + std::to_string(status) + ")",
        .signature = call});
}

/// Calls the handlers that the execution has registered, the latest first. A handler may register another.
void run_exit_handlers() {
  while (!runtime.exit_handlers.empty()) {
    ExitHandler last{};
    {
      const ExplorerScope explorer_scope;
      last = runtime.exit_handlers.back();
      runtime.exit_handlers.pop_back();
    }
    last.function(last.object);
  }
}

[[noreturn]] void call_real(const char* name, int status) {
  reinterpret_cast<void (*)(int)>(next_symbol(name))(status);
  __builtin_unreachable();
}

}  // namespace

/// Handlers that an execution registers, including destructors of static variables, run when it calls exit(). Handlers
/// registered earlier run at the end of the process.
RACETRACK_INTERPOSED int __cxa_atexit(void (*destroy)(void*), void* object, void* module) noexcept {
  if (!runtime.watching) return real().cxa_atexit(destroy, object, module);
  const ExplorerScope explorer_scope;
  runtime.exit_handlers.push_back({destroy, object});
  return 0;
}

RACETRACK_INTERPOSED __attribute__((noreturn)) void exit(int status) {
  if (!runtime.watching) call_real("exit", status);
  run_exit_handlers();
  end_process("exit", status);
}
#define RACETRACK_ENDS(name)                                             \
  RACETRACK_INTERPOSED __attribute__((noreturn)) void name(int status) { \
    if (!runtime.watching) call_real(#name, status);                     \
    end_process(#name, status);                                          \
  }
RACETRACK_ENDS(_exit)
RACETRACK_ENDS(_Exit)
RACETRACK_ENDS(quick_exit)
#undef RACETRACK_ENDS
