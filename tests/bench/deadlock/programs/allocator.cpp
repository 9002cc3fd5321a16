// A program with its own allocator, whose malloc makes the first call into pthreads. malloc must not be entered again
// before that call returns: otherwise the program prints "malloc was entered twice" and aborts. -DGUARD=LOCK etc.
// selects the call.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#define LOCK 1
#define TRY 2
#define ONCE 3
#define THREAD_LOCAL 4
#define C11 5
#define RWLOCK 6
#define SEMAPHORE 7
#define HELPER 8

namespace {

alignas(64) char arena[64 << 20];
std::size_t used = 0;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/// While an object lives, its thread is inside malloc.
class Entered {
 public:
  Entered() {
    if (inside) {
      static constexpr char kText[] = "malloc was entered twice\n";
      (void)!write(2, kText, sizeof kText - 1);
      std::abort();
    }
    inside = true;
  }
  ~Entered() { inside = false; }

 private:
  static thread_local bool inside __attribute__((tls_model("initial-exec")));
};
thread_local bool Entered::inside = false;

#if GUARD == TRY
void enter() {
  if (pthread_mutex_trylock(&mutex) != 0) pthread_mutex_lock(&mutex);
}
void leave() { pthread_mutex_unlock(&mutex); }
#elif GUARD == ONCE
pthread_once_t once = PTHREAD_ONCE_INIT;
void enter() {
  pthread_once(&once, [] {});
  pthread_mutex_lock(&mutex);
}
void leave() { pthread_mutex_unlock(&mutex); }
#elif GUARD == THREAD_LOCAL
pthread_once_t once = PTHREAD_ONCE_INIT;
pthread_key_t key;
/// Releases the thread's part of the arena, which another thread may take afterwards.
void release(void* marked) {
  if (marked != nullptr) pthread_mutex_lock(&mutex), pthread_mutex_unlock(&mutex);
}
void enter() {
  pthread_once(&once, [] { pthread_key_create(&key, release); });
  if (pthread_getspecific(key) == nullptr) pthread_setspecific(key, &key);
  pthread_mutex_lock(&mutex);
}
void leave() { pthread_mutex_unlock(&mutex); }
#elif GUARD == C11
once_flag once = ONCE_FLAG_INIT;
mtx_t c11_mutex;
void enter() {
  call_once(&once, [] { mtx_init(&c11_mutex, mtx_plain); });
  mtx_lock(&c11_mutex);
}
void leave() { mtx_unlock(&c11_mutex); }
#elif GUARD == RWLOCK
pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
void enter() { pthread_rwlock_wrlock(&rwlock); }
void leave() { pthread_rwlock_unlock(&rwlock); }
#elif GUARD == SEMAPHORE
pthread_once_t once = PTHREAD_ONCE_INIT;
sem_t semaphore;
void enter() {
  pthread_once(&once, [] { sem_init(&semaphore, 0, 1); });
  while (sem_wait(&semaphore) != 0) {
  }
}
void leave() { sem_post(&semaphore); }
#else
void enter() { pthread_mutex_lock(&mutex); }
void leave() { pthread_mutex_unlock(&mutex); }
#endif

void* take(std::size_t size) {
  const Entered entered;
  enter();
  used = (used + 63) / 64 * 64;
  char* const block = arena + used + 64;
  std::memcpy(arena + used, &size, sizeof size);
  used += 64 + size;
  if (used > sizeof arena) std::abort();
  leave();
  return block;
}

#if GUARD == HELPER
/// Starts a thread of the allocator that would return memory; an allocation calls this.
void start_helper() {
  static bool started = false;
  if (__atomic_exchange_n(&started, true, __ATOMIC_ACQ_REL)) return;
  pthread_t helper;
  pthread_create(
      &helper, nullptr,
      [](void* nothing) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        return nothing;
      },
      nullptr);
  pthread_detach(helper);
}
bool in_main = false;
#endif

}  // namespace

extern "C" {
void* malloc(std::size_t size) {
#if GUARD == HELPER
  if (in_main) start_helper();
#endif
  return take(size);
}
void* calloc(std::size_t count, std::size_t size) { return take(count * size); }
void* realloc(void* old, std::size_t size) {
  void* const now = take(size);
  if (old == nullptr) return now;
  std::size_t before = 0;
  std::memcpy(&before, static_cast<char*>(old) - 64, sizeof before);
  return std::memcpy(now, old, before < size ? before : size);
}
void free(void*) {}
}

namespace {

/// As allocators do around a fork: the child takes over every lock of the allocator or initialises it again.
void keep_fork_safe() {
#if GUARD == RWLOCK
  pthread_atfork(enter, leave, [] { pthread_rwlock_init(&rwlock, nullptr); });
#else
  pthread_atfork(enter, leave, leave);
#endif
}

void allocate_much() {
  std::vector<std::unique_ptr<std::string>> kept;
  for (int i = 0; i < 200; ++i) kept.push_back(std::make_unique<std::string>(100, 'x'));
}

}  // namespace

int main() {
#if GUARD == HELPER
  in_main = true;
#endif
  keep_fork_safe();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(allocate_much);
  const pid_t child = fork();
  if (child == 0) {
    std::thread(allocate_much).join();
    _exit(7);
  }
  for (std::thread& thread : threads) thread.join();
  int status = 0;
  waitpid(child, &status, 0);
  std::puts(WIFEXITED(status) && WEXITSTATUS(status) == 7 ? "done" : "the child failed");
}
