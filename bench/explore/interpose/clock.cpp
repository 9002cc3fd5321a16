// Virtual time: 100 ns for every step. It advances to a deadline when that time-out fires, and faster in executions
// that read the clock often.
#include <algorithm>

#include <sys/syscall.h>
#include <sys/time.h>

#include "explore/interpose/cancellation.hpp"
#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

timespec timespec_of(std::uint64_t nanoseconds) {
  return {static_cast<time_t>(nanoseconds / 1'000'000'000U), static_cast<long>(nanoseconds % 1'000'000'000U)};
}

[[gnu::always_inline]] inline void sleep_until(std::uint64_t deadline) {
  const ExplorerScope explorer_scope;
  Thread& thread = current_thread();
  test_cancellation();
  note(Operation::sleep, 0);
  thread.wait = Wait::sleep;
  thread.deadline = std::min(deadline, Scheduler::kEndOfTime - 1);
  {
    const CancellableWait cancellable;
    runtime.scheduler.block({});
  }
  thread.wait = Wait::nothing;
  thread.deadline = Thread::kNever;
  test_cancellation();
}

}  // namespace

RACETRACK_INTERPOSED int sched_yield() noexcept {
  if (!runtime.watching) return real().sched_yield();
  const ExplorerScope explorer_scope;
  runtime.scheduler.yield();
  note(Operation::yield, 0);
  return 0;
}

RACETRACK_INTERPOSED int nanosleep(const timespec* time, timespec* rest) {
  if (!runtime.watching) return real().nanosleep(time, rest);
  sleep_until(runtime.scheduler.now() + nanoseconds_of(*time));
  return 0;
}
RACETRACK_INTERPOSED int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* rest) {
  if (!runtime.watching) return real().clock_nanosleep(clock, flags, time, rest);
  sleep_until((flags & TIMER_ABSTIME) != 0 ? nanoseconds_of(*time) : runtime.scheduler.now() + nanoseconds_of(*time));
  return 0;
}
RACETRACK_INTERPOSED int usleep(useconds_t microseconds) {
  if (!runtime.watching) return real().usleep(microseconds);
  sleep_until(runtime.scheduler.now() + std::uint64_t{microseconds} * 1000U);
  return 0;
}
RACETRACK_INTERPOSED unsigned sleep(unsigned seconds) {
  if (!runtime.watching) return real().sleep(seconds);
  sleep_until(runtime.scheduler.now() + std::uint64_t{seconds} * 1'000'000'000U);
  return 0;
}

RACETRACK_INTERPOSED int clock_gettime(clockid_t clock, timespec* time) noexcept {
  // Not by libc's function, which reads the time stamp counter.
  if (!runtime.watching) {
    const long failed = raw_syscall(SYS_clock_gettime, clock, reinterpret_cast<long>(time));
    return failed == 0 ? 0 : (errno = static_cast<int>(-failed), -1);
  }
  const ExplorerScope explorer_scope;
  *time = timespec_of(runtime.scheduler.read_clock());
  return 0;
}
RACETRACK_INTERPOSED int gettimeofday(timeval* __restrict time, void* __restrict) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
RACETRACK_INTERPOSED time_t time(time_t* at) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != nullptr) *at = now.tv_sec;
  return now.tv_sec;
}
