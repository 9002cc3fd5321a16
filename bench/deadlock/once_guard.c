#include "deadlock/once_guard.h"

static void leave(void** control) { racetrack_deadlock_once_left(*control); }

void racetrack_deadlock_run_once(void (*initialiser)(void), void* control) {
  __attribute__((cleanup(leave), unused)) void* guard = control;
  initialiser();
}
