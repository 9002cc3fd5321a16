// syscall(): the futex, on which libstdc++ builds std::atomic's wait and notify, semaphores, latches, barriers and futures.
#include <cstdarg>
#include <cstring>

#include <linux/futex.h>
#include <sys/syscall.h>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"
#include "explore/weak/weak_memory.hpp"

using namespace racetrack::explore;

namespace {

long answer(long result) {
  if (result < 0 && result > -4096) {
    errno = static_cast<int>(-result);
    return -1;
  }
  return result;
}

/// Shared with the atomic at the same address, which has no waiters.
/// A wake of a word that has been freed meanwhile is harmless, and the standard library relies on it.
SyncObject& futex_at(const int* word) { return object_at(address_of(word)); }

long wait_while(const int* word, int expected, std::uint64_t deadline) {
  runtime.scheduler.point(looks_at(word));
  note(Operation::futex_wait, address_of(word), static_cast<std::uint32_t>(expected), 4);
  // The latest store, also where loads may see older ones: the kernel looks after everybody.
  int now = 0;
  std::memcpy(&now, word, sizeof now);
  if (runtime.weak) see_latest(address_of(word), sizeof now);
  if (now != expected) {
    note(Operation::futex_differs, address_of(word), static_cast<std::uint32_t>(now), 4);
    return -EAGAIN;
  }
  if (!wait_for(Wait::futex, futex_at(word), deadline)) {
    note(Operation::futex_timeout, address_of(word));
    return -ETIMEDOUT;
  }
  note(Operation::futex_woken, address_of(word));
  return 0;
}

long wake(const int* word, unsigned count) {
  runtime.scheduler.point(changes(word));
  note(Operation::futex_wake, address_of(word), count);
  return static_cast<long>(notify(futex_at(word), count));
}

[[gnu::always_inline]] inline long do_futex(long word, long operation, long value, long time) {
  const Inside inside;
  const auto* const at = reinterpret_cast<const int*>(word);
  const auto* const limit = reinterpret_cast<const timespec*>(time);
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
      return wait_while(at, static_cast<int>(value),
                        limit != nullptr ? runtime.scheduler.now() + nanoseconds_of(*limit) : Thread::kNever);
    case FUTEX_WAIT_BITSET:
      return wait_while(at, static_cast<int>(value), limit != nullptr ? nanoseconds_of(*limit) : Thread::kNever);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET: return wake(at, static_cast<unsigned>(value));
    default: refuse("the subject uses futex operation " + std::to_string(operation & FUTEX_CMD_MASK));
  }
}

}  // namespace

RACETRACK_INTERPOSED long syscall(long number, ...) noexcept {
  va_list rest;
  va_start(rest, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(rest, long);
  va_end(rest);
  if (runtime.watching && number == SYS_futex) {
    return answer(do_futex(arguments[0], arguments[1], arguments[2], arguments[3]));
  }
  return answer(
      raw_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]));
}
