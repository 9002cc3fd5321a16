// Programs for the deadlock detector, in C: `posix NAME`, with pthreads, C11 threads and processes.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;
static mtx_t x, y;

static void must(int result) {
  if (result != 0) exit(98);
}

static struct timespec in_ms(long ms) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_nsec += ms * 1000000;
  time.tv_sec += time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

static void* lock_ab(void* unused) {
  pthread_mutex_lock(&a);
  pthread_barrier_wait(&both);
  pthread_mutex_lock(&b);
  return unused;
}

static void* lock_ba(void* unused) {
  pthread_mutex_lock(&b);
  pthread_barrier_wait(&both);
  pthread_mutex_lock(&a);
  return unused;
}

static void run_both(void* (*first)(void*), void* (*second)(void*)) {
  pthread_t one, two;
  pthread_barrier_init(&both, NULL, 2);
  must(pthread_create(&one, NULL, first, NULL));
  must(pthread_create(&two, NULL, second, NULL));
  pthread_join(one, NULL);
  pthread_join(two, NULL);
}

static void opposite(void) { run_both(lock_ab, lock_ba); }

static int c11_xy(void* unused) {
  (void)unused;
  mtx_lock(&x);
  pthread_barrier_wait(&both);
  mtx_lock(&y);
  return 7;
}

static int c11_yx(void* unused) {
  (void)unused;
  mtx_lock(&y);
  pthread_barrier_wait(&both);
  mtx_lock(&x);
  return 7;
}

static void c11_opposite(void) {
  thrd_t one, two;
  mtx_init(&x, mtx_plain);
  mtx_init(&y, mtx_plain);
  pthread_barrier_init(&both, NULL, 2);
  must(thrd_create(&one, c11_xy, NULL));
  must(thrd_create(&two, c11_yx, NULL));
  thrd_join(one, NULL);
  thrd_join(two, NULL);
}

static cnd_t changed;
static int is_changed;

static int c11_change(void* unused) {
  (void)unused;
  mtx_lock(&x);
  is_changed = 1;
  cnd_broadcast(&changed);
  mtx_unlock(&x);
  return 7;
}

static once_flag flag = ONCE_FLAG_INIT;
static int initialised;
static void initialise(void) { ++initialised; }

static void c11(void) {
  thrd_t other;
  int result = 0;
  struct timespec past = in_ms(20);
  mtx_init(&x, mtx_plain | mtx_recursive);
  mtx_init(&y, mtx_timed);
  cnd_init(&changed);
  mtx_lock(&x);
  must(thrd_create(&other, c11_change, NULL));
  while (!is_changed) cnd_wait(&changed, &x);
  mtx_unlock(&x);
  must(thrd_join(other, &result) != thrd_success || result != 7);
  mtx_lock(&x);
  must(cnd_timedwait(&changed, &x, &past) != thrd_timedout);
  must(mtx_lock(&x) != thrd_success);
  mtx_unlock(&x);
  mtx_unlock(&x);
  mtx_lock(&y);
  must(mtx_trylock(&y) != thrd_busy);
  past = in_ms(20);
  must(mtx_timedlock(&y, &past) != thrd_timedout);
  mtx_unlock(&y);
  call_once(&flag, initialise);
  call_once(&flag, initialise);
  must(initialised != 1);
  mtx_destroy(&x);
  mtx_destroy(&y);
}

static void of_type(pthread_mutex_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type);
  pthread_mutex_init(mutex, &attributes);
}

static void relock_normal(void) {
  pthread_mutex_t mutex;
  of_type(&mutex, PTHREAD_MUTEX_NORMAL);
  pthread_mutex_lock(&mutex);
  pthread_mutex_lock(&mutex);
}

static void relock_checked(void) {
  pthread_mutex_t mutex;
  of_type(&mutex, PTHREAD_MUTEX_ERRORCHECK);
  must(pthread_mutex_lock(&mutex));
  must(pthread_mutex_lock(&mutex) != EDEADLK);
  must(pthread_mutex_unlock(&mutex));
  of_type(&mutex, PTHREAD_MUTEX_RECURSIVE);
  must(pthread_mutex_lock(&mutex));
  must(pthread_mutex_lock(&mutex));
  must(pthread_mutex_unlock(&mutex));
  must(pthread_mutex_unlock(&mutex));
}

static pthread_rwlock_t rwlock;
static void* write_it(void* unused) {
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return unused;
}

// A reader takes a read lock again while a writer waits for the lock.
static void read_again(int kind) {
  pthread_rwlockattr_t attributes;
  pthread_t writer;
  pthread_rwlockattr_init(&attributes);
  pthread_rwlockattr_setkind_np(&attributes, kind);
  pthread_rwlock_init(&rwlock, &attributes);
  pthread_rwlock_rdlock(&rwlock);
  must(pthread_create(&writer, NULL, write_it, NULL));
  usleep(50000);
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_join(writer, NULL);
}
static void read_again_writers_first(void) { read_again(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP); }
static void read_again_readers_first(void) { read_again(PTHREAD_RWLOCK_PREFER_READER_NP); }

static void rwlock_errors(void) {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  struct timespec past = in_ms(20);
  must(pthread_rwlock_wrlock(&lock));
  must(pthread_rwlock_wrlock(&lock) != EDEADLK);
  must(pthread_rwlock_rdlock(&lock) != EDEADLK);
  must(pthread_rwlock_tryrdlock(&lock) != EBUSY);
  must(pthread_rwlock_unlock(&lock));
  must(pthread_rwlock_rdlock(&lock));
  must(pthread_rwlock_timedwrlock(&lock, &past) != ETIMEDOUT);
  past = in_ms(20);
  must(pthread_rwlock_clockwrlock(&lock, CLOCK_REALTIME, &past) != ETIMEDOUT);
  must(pthread_rwlock_clockrdlock(&lock, CLOCK_REALTIME, &past));
  must(pthread_rwlock_unlock(&lock));
  must(pthread_rwlock_unlock(&lock));
}

static void* leave_locked(void* mutex) {
  pthread_mutex_lock(mutex);
  return NULL;
}

static void abandoned(void) {
  pthread_t other;
  must(pthread_create(&other, NULL, leave_locked, &a));
  pthread_join(other, NULL);
  pthread_mutex_lock(&a);
}

static void robust(void) {
  pthread_t other;
  pthread_mutexattr_t attributes;
  pthread_mutex_t mutex;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&mutex, &attributes);
  must(pthread_create(&other, NULL, leave_locked, &mutex));
  pthread_join(other, NULL);
  must(pthread_mutex_lock(&mutex) != EOWNERDEAD);
  must(pthread_mutex_consistent(&mutex));
  must(pthread_mutex_unlock(&mutex));
}

static void timed_wait(void) {
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  struct timespec past = in_ms(100);
  pthread_mutex_lock(&a);
  must(pthread_cond_timedwait(&condition, &a, &past) != ETIMEDOUT);
  past = in_ms(100);
  must(pthread_cond_clockwait(&condition, &a, CLOCK_REALTIME, &past) != ETIMEDOUT);
  past = in_ms(100);
  must(pthread_mutex_timedlock(&a, &past) != ETIMEDOUT);
  past = in_ms(100);
  must(pthread_mutex_clocklock(&a, CLOCK_REALTIME, &past) != ETIMEDOUT);
  must(pthread_mutex_trylock(&a) != EBUSY);
  pthread_mutex_unlock(&a);
}

static void semaphore_lost(void) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 1);
  sem_wait(&semaphore);
  sem_wait(&semaphore);
}

// Another process could post this semaphore.
static void semaphore_shared(void) {
  sem_t* semaphore = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  sem_init(semaphore, 1, 0);
  alarm(1);
  sem_wait(semaphore);
}

static void condition_shared(void) {
  pthread_condattr_t attributes;
  pthread_cond_t condition;
  pthread_condattr_init(&attributes);
  pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_cond_init(&condition, &attributes);
  alarm(1);
  pthread_mutex_lock(&a);
  pthread_cond_wait(&condition, &a);
}

static void barrier_lost(void) {
  pthread_barrier_init(&both, NULL, 2);
  pthread_barrier_wait(&both);
}

static void* sleep_a_second(void* unused) {
  sleep(1);
  return unused;
}

static void detached(void) {
  pthread_t other;
  must(pthread_create(&other, NULL, sleep_a_second, NULL));
  must(pthread_detach(other));
  pthread_mutex_lock(&a);
  pthread_mutex_unlock(&a);
  pthread_exit(NULL);
}

static int status_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void fork_clean(void) {
  pthread_mutex_lock(&a);
  const pid_t child = fork();
  if (child == 0) {
    pthread_mutex_unlock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    _exit(5);
  }
  must(status_of(child) != 5);
}

static void fork_relock(void) {
  pthread_mutex_lock(&a);
  const pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(&a);
    _exit(5);
  }
  must(status_of(child) != 66);
}

static void* hold_a_second(void* unused) {
  pthread_mutex_lock(&a);
  sleep(1);
  pthread_mutex_unlock(&a);
  return unused;
}

// The child waits for a lock whose holder does not exist in it.
static void fork_orphaned(void) {
  pthread_t other;
  must(pthread_create(&other, NULL, hold_a_second, NULL));
  usleep(100000);
  const pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(&a);
    _exit(5);
  }
  must(status_of(child) != 66);
  pthread_join(other, NULL);
}

static void exec_opposite(void) { execl("/proc/self/exe", "posix", "opposite", (char*)NULL); }

static void many_forks(void) {
  for (int i = 0; i < 30; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      pthread_mutex_lock(&a);
      pthread_mutex_unlock(&a);
      _exit(0);
    }
    must(status_of(child));
  }
}

static void crash(void) { raise(SIGSEGV); }
static void killed(void) { raise(SIGKILL); }
static void give_up(void) { abort(); }
static void exit_seven(void) { exit(7); }

static const struct {
  const char* name;
  void (*run)(void);
} programs[] = {
    {"opposite", opposite},
    {"c11_opposite", c11_opposite},
    {"c11", c11},
    {"relock_normal", relock_normal},
    {"relock_checked", relock_checked},
    {"read_again_writers_first", read_again_writers_first},
    {"read_again_readers_first", read_again_readers_first},
    {"rwlock_errors", rwlock_errors},
    {"abandoned", abandoned},
    {"robust", robust},
    {"timed_wait", timed_wait},
    {"semaphore_lost", semaphore_lost},
    {"semaphore_shared", semaphore_shared},
    {"condition_shared", condition_shared},
    {"barrier_lost", barrier_lost},
    {"detached", detached},
    {"fork_clean", fork_clean},
    {"fork_relock", fork_relock},
    {"fork_orphaned", fork_orphaned},
    {"exec_opposite", exec_opposite},
    {"many_forks", many_forks},
    {"crash", crash},
    {"killed", killed},
    {"abort", give_up},
    {"exit_seven", exit_seven},
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc == 2 && i < sizeof programs / sizeof *programs; ++i) {
    if (strcmp(argv[1], programs[i].name) == 0) {
      programs[i].run();
      return 0;
    }
  }
  return 99;
}
