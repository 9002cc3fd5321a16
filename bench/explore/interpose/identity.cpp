// Process and thread ids, the current processor and processor time differ between processes, and so between a search
// and its replay. While the subject runs, they are all virtual.
#include <cstdint>
#include <cstring>
#include <ctime>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <unistd.h>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

using namespace racetrack::explore;

namespace {

constexpr pid_t kFirstNumber = 1000;  ///< id of the process and of the first thread

/// Processor time is virtual time, which advances with the steps of all threads.
std::uint64_t nanoseconds_since_start() {
  touch({Touch::Kind::time});
  return runtime.scheduler.now() - Scheduler::kBeginningOfTime;
}

template <class Function>
Function next_of(const char* name) {
  return reinterpret_cast<Function>(next_symbol(name));
}

}  // namespace

RACETRACK_INTERPOSED pid_t getpid() noexcept {
  return runtime.watching ? kFirstNumber : static_cast<pid_t>(raw_syscall(SYS_getpid));
}
RACETRACK_INTERPOSED pid_t getppid() noexcept {
  return runtime.watching ? kFirstNumber - 1 : static_cast<pid_t>(raw_syscall(SYS_getppid));
}
RACETRACK_INTERPOSED pid_t gettid() noexcept {
  return runtime.watching ? kFirstNumber + runtime.current->id : static_cast<pid_t>(raw_syscall(SYS_gettid));
}
RACETRACK_INTERPOSED int sched_getcpu() noexcept { return runtime.watching ? 0 : next_of<int (*)()>("sched_getcpu")(); }
RACETRACK_INTERPOSED int getcpu(unsigned* processor, unsigned* node) noexcept {
  if (!runtime.watching) return next_of<int (*)(unsigned*, unsigned*)>("getcpu")(processor, node);
  if (processor != nullptr) *processor = 0;
  if (node != nullptr) *node = 0;
  return 0;
}
RACETRACK_INTERPOSED clock_t clock() noexcept {
  if (!runtime.watching) return next_of<clock_t (*)()>("clock")();
  const ExplorerScope explorer_scope;
  return static_cast<clock_t>(nanoseconds_since_start() / (1'000'000'000U / CLOCKS_PER_SEC));
}
RACETRACK_INTERPOSED clock_t times(tms* times_of_process) noexcept {
  if (!runtime.watching) return next_of<clock_t (*)(tms*)>("times")(times_of_process);
  const ExplorerScope explorer_scope;
  const auto ticks = static_cast<clock_t>(nanoseconds_since_start() / 10'000'000U);
  if (times_of_process != nullptr) *times_of_process = {ticks, 0, 0, 0};
  return ticks;
}
RACETRACK_INTERPOSED int getrusage(__rusage_who_t who, rusage* usage) noexcept {
  if (!runtime.watching) return next_of<int (*)(__rusage_who_t, rusage*)>("getrusage")(who, usage);
  const ExplorerScope explorer_scope;
  const std::uint64_t now = nanoseconds_since_start();
  std::memset(usage, 0, sizeof *usage);
  usage->ru_utime = {static_cast<time_t>(now / 1'000'000'000U), static_cast<suseconds_t>(now / 1000U % 1'000'000U)};
  return 0;
}
