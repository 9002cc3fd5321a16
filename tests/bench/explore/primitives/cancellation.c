#define _GNU_SOURCE
#include "cancellation.h"

#include <pthread.h>
#include <unistd.h>

static int run;

static void note_handler(void* digit) { run = 10 * run + *(int*)digit; }

void wait_with_two_handlers(void) {
  static int outer = 1;
  static int inner = 2;
  pthread_cleanup_push(note_handler, &outer);
  pthread_cleanup_push(note_handler, &inner);
  for (;;) sleep(1);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
}

int handlers_run(void) { return run; }
