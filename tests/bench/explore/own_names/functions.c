/* A program's own functions under names of libc that the explorer interposes. */
#include "functions.h"

static int calls;

void wait(void) { ++calls; }
int sleep(int times) { return calls += times; }
void signal(const char* name) { calls += name != 0; }
int read(void) { return ++calls; }
void select(void) { ++calls; }
void connect(void) { ++calls; }
void accept(void) { ++calls; }
void pause(void) { ++calls; }
void raise(void) { ++calls; }
void kill(void) { ++calls; }
void alarm(void) { ++calls; }
void poll(void) { ++calls; }
int time = 1;

int call_them_all(void) {
  calls = 0;
  wait();
  sleep(1);
  signal("one");
  read();
  select();
  connect();
  accept();
  pause();
  raise();
  kill();
  alarm();
  poll();
  return calls + time;
}
