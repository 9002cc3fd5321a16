#include "deadlock/cancellable.h"

struct Frame {
  void (*unwound)(void*);
  void* argument;
  int returned;
};

static void leave(struct Frame* frame) {
  if (!frame->returned) frame->unwound(frame->argument);
}

int racetrack_deadlock_call_cancellable(int (*call)(void*), void (*unwound)(void*), void* argument) {
  __attribute__((cleanup(leave))) struct Frame frame = {unwound, argument, 0};
  const int result = call(argument);
  frame.returned = 1;
  return result;
}
