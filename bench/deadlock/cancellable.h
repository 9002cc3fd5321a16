// A call that a cancelled thread may leave by unwinding. Written in C, so that the clean-up needs only the compiler's
// own library: a C program under test does not load the C++ library.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Returns call(argument). Calls unwound(argument) if the call is left by unwinding.
__attribute__((visibility("hidden"))) int racetrack_deadlock_call_cancellable(int (*call)(void*),
                                                                              void (*unwound)(void*), void* argument);

#ifdef __cplusplus
}

namespace racetrack::deadlock {

/// Returns wait(). Calls unwound() if wait() is left by unwinding.
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
