// Runs an initialiser and detects its end, by return or exception. Written in C, so that the clean-up needs only the
// compiler's own library: a C program under test does not load the C++ library.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Calls initialiser(), then racetrack_deadlock_once_left(control), also when an exception leaves it.
__attribute__((visibility("hidden"))) void racetrack_deadlock_run_once(void (*initialiser)(void), void* control);

__attribute__((visibility("hidden"))) void racetrack_deadlock_once_left(void* control);

#ifdef __cplusplus
}
#endif
