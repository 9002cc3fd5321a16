// Locks whose holder has ended, and locks that another thread releases: `holders NAME`.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t ready;

static void* lock_and_wait_for_cancel(void* unused) {
  pthread_mutex_lock(&a);
  sem_post(&ready);
  for (;;) pause();
  return unused;
}

static void* wait_for_condition(void* unused) {
  pthread_mutex_lock(&a);
  sem_post(&ready);
  for (;;) pthread_cond_wait(&condition, &a);
  return unused;
}

static void unlock(void* mutex) { pthread_mutex_unlock(mutex); }

static void* wait_for_condition_cleanly(void* unused) {
  pthread_mutex_lock(&a);
  pthread_cleanup_push(unlock, &a);
  sem_post(&ready);
  for (;;) pthread_cond_wait(&condition, &a);
  pthread_cleanup_pop(1);
  return unused;
}

static void* lock_and_exit(void* unused) {
  pthread_mutex_lock(&a);
  sem_post(&ready);
  pthread_exit(unused);
}

static void* lock_and_return(void* unused) {
  pthread_mutex_lock(&a);
  sem_post(&ready);
  return unused;
}

static void lock_after(void* (*holder)(void*), int cancel) {
  pthread_t thread;
  pthread_create(&thread, NULL, holder, NULL);
  sem_wait(&ready);
  if (cancel) pthread_cancel(thread);
  pthread_join(thread, NULL);
  pthread_mutex_lock(&a);
  puts("locked");
}

static void cancelled(void) { lock_after(lock_and_wait_for_cancel, 1); }
static void cancelled_in_wait(void) { lock_after(wait_for_condition, 1); }
static void cancelled_cleanly(void) { lock_after(wait_for_condition_cleanly, 1); }
static void exited(void) { lock_after(lock_and_exit, 0); }
static void returned(void) { lock_after(lock_and_return, 0); }

static void* fork_and_lock(void* unused) {
  const pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(&a);
    _exit(5);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return unused;
}

// The first thread holds the mutex while another one forks.
static void forked(void) {
  pthread_t thread;
  pthread_mutex_lock(&a);
  pthread_create(&thread, NULL, fork_and_lock, NULL);
  pthread_join(thread, NULL);
  pthread_mutex_unlock(&a);
}

static void take_all(void) {
  pthread_mutex_lock(&a);
  pthread_mutex_lock(&b);
}
static void give_all(void) {
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
}

static void* lock_often(void* unused) {
  for (int i = 0; i < 20000; ++i) {
    take_all();
    give_all();
  }
  return unused;
}

// As in allocators: the handlers take these locks before the fork and release them after it.
static void forked_with_handlers(void) {
  pthread_t threads[2];
  pthread_atfork(take_all, give_all, give_all);
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, lock_often, NULL);
  for (int i = 0; i < 100; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      lock_often(NULL);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) exit(98);
  }
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
}

static void* release(void* mutex) {
  pthread_mutex_unlock(mutex);
  return NULL;
}

static void hand_over(pthread_mutex_t* mutex) {
  pthread_t thread;
  pthread_mutex_lock(mutex);
  pthread_create(&thread, NULL, release, mutex);
  pthread_join(thread, NULL);
}

static void handed_over(void) { hand_over(&a); }

static void* lock_ba(void* unused) {
  pthread_mutex_lock(&b);
  pthread_mutex_lock(&a);
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return unused;
}

// The first thread no longer holds `a` when it takes `b`, so only one order of the two exists.
static void handed_over_in_order(void) {
  pthread_t thread;
  hand_over(&a);
  pthread_mutex_lock(&b);
  pthread_mutex_unlock(&b);
  pthread_create(&thread, NULL, lock_ba, NULL);
  pthread_join(thread, NULL);
}

static void released_twice(void) {
  pthread_mutex_lock(&a);
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&a);
}

static const struct {
  const char* name;
  void (*run)(void);
} programs[] = {
    {"cancelled", cancelled},
    {"cancelled_in_wait", cancelled_in_wait},
    {"cancelled_cleanly", cancelled_cleanly},
    {"exited", exited},
    {"returned", returned},
    {"forked", forked},
    {"forked_with_handlers", forked_with_handlers},
    {"handed_over", handed_over},
    {"handed_over_in_order", handed_over_in_order},
    {"released_twice", released_twice},
};

int main(int argc, char** argv) {
  sem_init(&ready, 0, 0);
  for (size_t i = 0; argc == 2 && i < sizeof programs / sizeof *programs; ++i) {
    if (strcmp(argv[1], programs[i].name) == 0) programs[i].run();
  }
  return 0;
}
