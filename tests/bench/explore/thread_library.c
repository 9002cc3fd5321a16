// A library that is not instrumented and starts a C11 thread: when it is called, or before main (BEFORE_MAIN). With
// OWN_WAITS it also contains a wait by a system call without libc, as libgomp does.
#include "thread_library.h"

#include <stddef.h>
#include <threads.h>
#include <time.h>

#if defined(OWN_WAITS) && defined(__x86_64__)
int wait_in_library(int* word, int value) {
  long result = 0;
  const struct timespec* const no_limit = NULL;
  register const struct timespec* limit __asm__("r10") = no_limit;
  __asm__ volatile("movl $202, %%eax\n\tsyscall"
                   : "=a"(result)
                   : "D"(word), "S"(0), "d"(value), "r"(limit)
                   : "rcx", "r11", "memory");
  return (int)result;
}
#endif

static int add_one(void* number) {
  ++*(int*)number;
  return 0;
}

int add_in_thread_of_library(int* number) {
  thrd_t thread;
  int result = 0;
  if (thrd_create(&thread, add_one, number) != thrd_success) return 1;
  return thrd_join(thread, &result) == thrd_success ? result : 1;
}

#ifdef BEFORE_MAIN
static int stay(void* unused) {
  const struct timespec hour = {3600, 0};
  (void)unused;
  for (;;) thrd_sleep(&hour, NULL);
}

__attribute__((constructor)) static void start(void) {
  thrd_t thread;
  if (thrd_create(&thread, stay, NULL) == thrd_success) thrd_detach(thread);
}
#endif
