// A library that starts threads.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Increments the number in another thread, and waits for its end. Returns 0, or 1 when the thread could not be
/// started.
int add_in_thread_of_library(int* number);

#ifdef __cplusplus
}
#endif
