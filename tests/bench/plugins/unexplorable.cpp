// Little programs that the explorer cannot follow, each for its own reason, beside some that it must tell of.
#include <array>
#include <atomic>
#include <chrono>
#include <csetjmp>
#include <csignal>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// One thread that does `kWhat`, and one that locks.
template <void (*kWhat)()>
class Does {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    if (thread == 0) kWhat();
    const std::lock_guard lock(mutex_);
    ++steps_;
  }

 private:
  std::mutex mutex_;
  long steps_ = 0;
};

/// Nobody will write there.
int silent_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  return ends[0];
}

void reads() {
  char byte = 0;
  if (read(silent_pipe(), &byte, 1) < 0) return;
}
void blocks_unseen() {
  char byte = 0;
  syscall(SYS_read, silent_pipe(), &byte, 1);
}
void loops_unseen() {
  volatile bool for_ever = true;
  while (for_ever) continue;
}
void spins() {
  std::atomic<int> turn = 0;
  while (turn.load() == 0) std::this_thread::yield();
}
void allocates() {
  std::vector<std::vector<char>> kept;
  for (;;) kept.emplace_back(1U << 20U);
}
void forks() { static_cast<void>(fork()); }
void handles_signals() { static_cast<void>(std::signal(SIGUSR1, SIG_IGN)); }
void throws() { throw std::runtime_error("nobody catches this"); }
void jumps() {
  std::jmp_buf here;
  if (setjmp(here) == 0) std::longjmp(here, 1);
}
void waits_for_time() { std::this_thread::sleep_for(std::chrono::microseconds(1)); }

template <void (*kWhat)()>
void add(racetrack::Registry& registry, const char* name) {
  registry.add<racetrack::lock::Family, Does<kWhat>>(name, {.workload = "unexplorable"});
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  add<reads>(registry, "reads");
  add<blocks_unseen>(registry, "blocks_unseen");
  add<loops_unseen>(registry, "loops_unseen");
  add<spins>(registry, "spins");
  add<allocates>(registry, "allocates");
  add<forks>(registry, "forks");
  add<handles_signals>(registry, "handles_signals");
  add<throws>(registry, "throws");
  add<jumps>(registry, "jumps");
  add<waits_for_time>(registry, "waits_for_time");
}
