// Runs an initialiser so that its end is seen however it ends. In C: the clean-up that an exception needs comes from the
// compiler's own library, and a C program under test is spared the C++ one.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Calls initialiser(), then racetrack_deadlock_once_left(control), even when an exception passes.
__attribute__((visibility("hidden"))) void racetrack_deadlock_run_once(void (*initialiser)(void), void* control);

__attribute__((visibility("hidden"))) void racetrack_deadlock_once_left(void* control);

#ifdef __cplusplus
}
#endif
