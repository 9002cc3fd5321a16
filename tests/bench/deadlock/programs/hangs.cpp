// Programs that hang for a reason that the detector sees only in part: `hangs NAME`. Each prints "ready" and its
// process id when only the hang follows.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

std::mutex outer;
std::latch* both = nullptr;
volatile std::sig_atomic_t caught = 0;

void ready() {
  std::printf("ready %d\n", static_cast<int>(getpid()));
  std::fflush(stdout);
}

/// Two spin locks taken in opposite orders: both threads use processor time without end.
void spin_locks() {
  static pthread_spinlock_t a, b;
  pthread_spin_init(&a, 0);
  pthread_spin_init(&b, 0);
  std::thread other([] {
    pthread_spin_lock(&b);
    both->arrive_and_wait();
    pthread_spin_lock(&a);
  });
  pthread_spin_lock(&a);
  both->arrive_and_wait();
  ready();
  pthread_spin_lock(&b);
  other.join();
}

/// The holder of a mutex reads from a pipe. The only thread that would write to the pipe waits for the mutex.
void pipe_and_mutex() {
  static int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::thread reader([] {
    const std::lock_guard held(outer);
    both->arrive_and_wait();
    char byte = 0;
    (void)!read(ends[0], &byte, 1);
  });
  both->arrive_and_wait();
  ready();
  const std::lock_guard wanted(outer);
  (void)!write(ends[1], "x", 1);
  reader.join();
}

/// Waits for a lock that another process holds.
void other_process() {
  struct Shared {
    pthread_mutex_t mutex;
    std::atomic<bool> held;
  };
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const page = new (memory) Shared;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&page->mutex, &attributes);
  if (fork() == 0) {
    pthread_mutex_lock(&page->mutex);
    page->held = true;
    for (;;) pause();
  }
  while (!page->held) usleep(1000);
  ready();
  pthread_mutex_lock(&page->mutex);
}

/// A library's constructor, which runs under the loader's lock, waits for a mutex. Its holder waits for the loader's
/// lock.
void loader_lock(const char* library) {
  std::thread holder([] {
    const std::lock_guard held(outer);
    both->arrive_and_wait();  // with the library's constructor
    ready();
    usleep(200'000);
    struct AtThreadEnd {
      ~AtThreadEnd() { caught = 1; }
    };
    thread_local AtThreadEnd registered;
    (void)&registered;
  });
  dlopen(library, RTLD_NOW);
  holder.join();
}

void many_alike() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) threads.emplace_back([] { pause(); });
  ready();
  pause();
}

void count_signals() {
  std::signal(SIGINT, [](int) { caught = caught + 1; });
  ready();
  while (caught == 0) usleep(1000);
  usleep(300'000);  // leaves time for a second one
  std::printf("caught %d\n", static_cast<int>(caught));
}

void ignore_signals() {
  std::signal(SIGINT, SIG_IGN);
  ready();
  usleep(500'000);
  std::puts("ends");
}

/// Querying a signal's action returns the default action and replaces it as without the detector.
void default_action() {
  struct sigaction before {};
  sigaction(SIGINT, nullptr, &before);
  const bool first = before.sa_handler == SIG_DFL && before.sa_flags == 0;
  const bool second = std::signal(SIGINT, SIG_IGN) == SIG_DFL && std::signal(SIGINT, SIG_DFL) == SIG_IGN;
  std::printf("%s\n", first && second ? "default" : "changed");
  ready();
  for (;;) pause();
}

}  // namespace

/// Called by the library: its constructor waits for the mutex once the other thread holds it.
extern "C" void take_outer_mutex() {
  both->arrive_and_wait();
  const std::lock_guard wanted(outer);
}

int main(int argc, char** argv) {
  std::latch latch(2);
  both = &latch;
  const auto is = [&](const char* name) { return argc > 1 && std::strcmp(argv[1], name) == 0; };
  if (is("spin_locks")) spin_locks();
  if (is("pipe_and_mutex")) pipe_and_mutex();
  if (is("other_process")) other_process();
  if (is("loader_lock")) loader_lock(argv[2]);
  if (is("many_alike")) many_alike();
  if (is("count_signals")) count_signals();
  if (is("ignore_signals")) ignore_signals();
  if (is("default_action")) default_action();
}
