// Small programs that the explorer cannot follow, each for another reason, and some for which it must report a finding.
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

/// One thread calls `kAction`, the other locks.
template <void (*kAction)()>
class Does {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    if (thread == 0) kAction();
    const std::lock_guard lock(mutex_);
    ++steps_;
  }

 private:
  std::mutex mutex_;
  long steps_ = 0;
};

/// The read end of a pipe to which nothing is written.
int silent_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  return ends[0];
}

void reads() {
  char byte = 0;
  if (read(silent_pipe(), &byte, 1) < 0) return;
}
void blocks_by_system_call() {
  char byte = 0;
  syscall(SYS_read, silent_pipe(), &byte, 1);
}
void loops_without_a_step() {
  volatile bool forever = true;
  while (forever) continue;
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
void throws() { throw std::runtime_error("no function catches this"); }
void jumps() {
  std::jmp_buf here;
  if (setjmp(here) == 0) std::longjmp(here, 1);
}
void waits_for_time() { std::this_thread::sleep_for(std::chrono::microseconds(1)); }

/// Opened while the plugin is loaded, so that every execution uses the same file.
const long file_of_calls = syscall(SYS_memfd_create, "calls", 0);

/// The number of calls in this process, which the explorer does not restore between executions: the offset of a file,
/// moved by a system call that is not interposed.
long calls_in_this_process() { return syscall(SYS_lseek, file_of_calls, 1L, SEEK_CUR); }

/// Fails in the third execution of a process and in no other, so that no schedule repeats the failure.
void fails_once() {
  if (calls_in_this_process() == 3) throw std::runtime_error("only this time");
}

/// Has two faults: one shows only in the first execution of a process, the other when thread 1 runs before thread 0.
class FailsOnceAndInOneOrder {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    const std::lock_guard lock(mutex_);
    if (thread == 1) {
      other_was_here_ = true;
      return;
    }
    if (was_here_) return;
    was_here_ = true;
    if (other_was_here_) throw std::runtime_error("the other was here before");
    if (calls_in_this_process() == 1) not_held_.unlock();
  }

 private:
  std::mutex mutex_, not_held_;
  bool was_here_ = false, other_was_here_ = false;
};

void crashes() {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
}
/// Calls no function of libc, which the explorer would intercept.
void ends_the_process() {
  constexpr int kCode = 7;
  asm volatile("syscall" : : "a"(SYS_exit_group), "D"(kCode) : "rcx", "r11", "memory");
}

template <void (*kAction)()>
void add(racetrack::Registry& registry, const char* name) {
  registry.add<racetrack::lock::Family, Does<kAction>>(name, {.workload = "unexplorable"});
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  add<reads>(registry, "reads");
  add<blocks_by_system_call>(registry, "blocks_by_system_call");
  add<loops_without_a_step>(registry, "loops_without_a_step");
  add<spins>(registry, "spins");
  add<allocates>(registry, "allocates");
  add<forks>(registry, "forks");
  add<handles_signals>(registry, "handles_signals");
  add<throws>(registry, "throws");
  add<jumps>(registry, "jumps");
  add<waits_for_time>(registry, "waits_for_time");
  add<crashes>(registry, "crashes");
  add<ends_the_process>(registry, "ends_the_process");
  add<fails_once>(registry, "fails_once");
  registry.add<racetrack::lock::Family, FailsOnceAndInOneOrder>("fails_once_and_in_one_order",
                                                                {.workload = "unexplorable"});
}
