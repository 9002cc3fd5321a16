// sigaction, signal and related functions. They hide the detector's handler: the program gets the default action back,
// and when it sets the default action, the detector's handler is installed.
#include "deadlock/detector.hpp"
#include "deadlock/interrupt.hpp"

namespace racetrack::deadlock {
namespace {

/// Sets a handler; `set` is the real function.
sighandler_t set_handler(int signal, sighandler_t handler, sighandler_t (*Real::*set)(int, sighandler_t)) noexcept {
  this_thread();  // `real` is there afterwards
  if (!holds_signal(signal)) return (real.*set)(signal, handler);
  struct sigaction before {};
  real.sigaction(signal, nullptr, &before);
  const sighandler_t result = (real.*set)(signal, handler);
  if (result == SIG_ERR) return result;
  if (handler == SIG_DFL) {
    const struct sigaction action = holding_action();
    real.sigaction(signal, &action, nullptr);
  }
  return is_holding(before) ? SIG_DFL : result;
}

}  // namespace
}  // namespace racetrack::deadlock

using namespace racetrack::deadlock;

RACETRACK_DEADLOCK_INTERPOSED int sigaction(int signal, const struct sigaction* action,
                                            struct sigaction* before) noexcept {
  this_thread();  // `real` is there afterwards
  if (!holds_signal(signal)) return real.sigaction(signal, action, before);
  const struct sigaction held = holding_action();
  const bool to_default = action != nullptr && (action->sa_flags & SA_SIGINFO) == 0 && action->sa_handler == SIG_DFL;
  const int result = real.sigaction(signal, to_default ? &held : action, before);
  if (result == 0 && before != nullptr && is_holding(*before)) *before = {};
  return result;
}

#define RACETRACK_DEADLOCK_SIGNAL(name)                                                        \
  RACETRACK_DEADLOCK_INTERPOSED sighandler_t name(int signal, sighandler_t handler) noexcept { \
    return set_handler(signal, handler, &Real::name);                                          \
  }
RACETRACK_DEADLOCK_SIGNAL(signal)
RACETRACK_DEADLOCK_SIGNAL(bsd_signal)
RACETRACK_DEADLOCK_SIGNAL(ssignal)
RACETRACK_DEADLOCK_SIGNAL(sysv_signal)
RACETRACK_DEADLOCK_SIGNAL(__sysv_signal)
RACETRACK_DEADLOCK_SIGNAL(sigset)
#undef RACETRACK_DEADLOCK_SIGNAL
