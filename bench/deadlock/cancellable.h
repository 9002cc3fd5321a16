// A call that a cancelled thread may leave by unwinding. In C: the clean-up comes from the compiler's own library, and a C program under
// test is spared the C++ one.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Returns call(argument). When it is left by unwinding instead, unwound(argument) runs.
__attribute__((visibility("hidden"))) int racetrack_deadlock_call_cancellable(int (*call)(void*),
                                                                              void (*unwound)(void*), void* argument);

#ifdef __cplusplus
}

namespace racetrack::deadlock {

/// Returns wait(). When it is left by unwinding instead, unwound() runs.
template <class Wait, class Unwound>
int call_cancellable(Wait wait, Unwound unwound) {
  struct Both {
    Wait& wait;
    Unwound& unwound;
  } both{wait, unwound};
  return racetrack_deadlock_call_cancellable([](void* given) { return static_cast<Both*>(given)->wait(); },
                                             [](void* given) { static_cast<Both*>(given)->unwound(); }, &both);
}

}  // namespace racetrack::deadlock
#endif
