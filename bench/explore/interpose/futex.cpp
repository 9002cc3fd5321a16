// syscall(): the futex, which libstdc++ uses for std::atomic's wait and notify, semaphores, latches, barriers and
// futures.
#include <array>
#include <cstdarg>
#include <cstring>
#include <string>

#include <linux/futex.h>
#include <sys/syscall.h>

#include "explore/abi/access.hpp"
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

/// The object of a futex word, shared with the atomic at the same address, which has no waiters. A wake of a word that
/// has been freed in between is harmless, and the standard library relies on that.
SyncObject& futex_at(const int* word) { return object_at(address_of(word)); }

/// The latest store, even where loads may read older ones: the kernel's view is global.
int latest(const int* word) {
  int now = 0;
  std::memcpy(&now, word, sizeof now);
  if (runtime.weak) observe_latest(address_of(word), sizeof now);
  return now;
}

long wait_while(const int* word, int expected, std::uint64_t deadline, std::uint32_t mask) {
  if (mask == 0) return -EINVAL;
  runtime.scheduler.point(intends_to_read(word));
  note(Operation::futex_wait, address_of(word), static_cast<std::uint32_t>(expected), 4);
  if (const int now = latest(word); now != expected) {
    note(Operation::futex_differs, address_of(word), static_cast<std::uint32_t>(now), 4);
    return -EAGAIN;
  }
  if (runtime.scheduler.fails_spuriously()) {
    note(Operation::spurious_wakeup, address_of(word));
    runtime.scheduler.yield();
    return 0;
  }
  if (!wait_for(Wait::futex, futex_at(word), deadline, mask)) {
    note(Operation::futex_timeout, address_of(word));
    return -ETIMEDOUT;
  }
  note(Operation::futex_woken, address_of(word));
  return 0;
}

/// The kernel wakes one thread for a count of 0.
unsigned count_of(long count) { return count <= 0 ? 1U : static_cast<unsigned>(count); }

long wake(const int* word, long count, std::uint32_t mask) {
  if (mask == 0) return -EINVAL;
  runtime.scheduler.point(intends_to_write(word));
  note(Operation::futex_wake, address_of(word), count_of(count));
  return static_cast<long>(notify(futex_at(word), count_of(count), mask));
}

/// Wakes waiters of `word`, and moves others to `target`.
long requeue(const int* word, unsigned woken, const int* target, unsigned moved) {
  note(Operation::futex_wake, address_of(word), woken);
  touch({Touch::Kind::write, address_of(target)});
  SyncObject& from = futex_at(word);
  const unsigned left = notify(from, woken);
  return static_cast<long>(left + move_waiters(from, futex_at(target), moved));
}

/// FUTEX_WAKE_OP: the operation and the comparison that `code` encodes.
struct WakeOperation {
  explicit WakeOperation(std::uint32_t code)
      : operation((code >> 28U) & 7U),
        comparison((code >> 24U) & 15U),
        operand(static_cast<int>(code << 8U) >> 20),
        compared(static_cast<int>(code << 20U) >> 20) {
    if ((code >> 31U) != 0) operand = static_cast<int>(1U << (static_cast<unsigned>(operand) & 31U));
  }
  [[nodiscard]] int changed(int before) const {
    switch (operation) {
      case FUTEX_OP_SET: return operand;
      case FUTEX_OP_ADD: return static_cast<int>(static_cast<unsigned>(before) + static_cast<unsigned>(operand));
      case FUTEX_OP_OR: return before | operand;
      case FUTEX_OP_ANDN: return before & ~operand;
      default: return before ^ operand;
    }
  }
  [[nodiscard]] bool holds(int before) const {
    switch (comparison) {
      case FUTEX_OP_CMP_EQ: return before == compared;
      case FUTEX_OP_CMP_NE: return before != compared;
      case FUTEX_OP_CMP_LT: return before < compared;
      case FUTEX_OP_CMP_LE: return before <= compared;
      case FUTEX_OP_CMP_GT: return before > compared;
      default: return before >= compared;
    }
  }
  [[nodiscard]] bool is_known() const { return operation <= FUTEX_OP_XOR && comparison <= FUTEX_OP_CMP_GE; }

  unsigned operation, comparison;
  int operand, compared;
};

long wake_and_change(const int* word, long count, int* target, long target_count, std::uint32_t code) {
  const WakeOperation operation(code);
  if (!operation.is_known()) return -ENOSYS;
  runtime.scheduler.point(intends_to_write(word));
  note(Operation::futex_wake, address_of(word), count_of(count));
  const int before = latest(target);
  note(Operation::exchange, address_of(target), static_cast<std::uint32_t>(operation.changed(before)), 4);
  check_access(address_of(target), sizeof *target, kAtomicWrite, runtime.current->caller);
  *target = operation.changed(before);
  unsigned woken = notify(futex_at(word), count_of(count));
  if (operation.holds(before)) woken += notify(futex_at(target), count_of(target_count));
  return static_cast<long>(woken);
}

const char* name_of_futex(long operation) {
  switch (operation) {
    case FUTEX_FD: return "FUTEX_FD";
    case FUTEX_LOCK_PI: return "FUTEX_LOCK_PI";
    case FUTEX_UNLOCK_PI: return "FUTEX_UNLOCK_PI";
    case FUTEX_TRYLOCK_PI: return "FUTEX_TRYLOCK_PI";
    case FUTEX_WAIT_REQUEUE_PI: return "FUTEX_WAIT_REQUEUE_PI";
    case FUTEX_CMP_REQUEUE_PI: return "FUTEX_CMP_REQUEUE_PI";
    default: return "of another kind";
  }
}

[[gnu::always_inline]] inline long do_futex(const std::array<long, 6>& arguments) {
  const ExplorerScope explorer_scope;
  auto* const word = reinterpret_cast<int*>(arguments[0]);
  const long operation = arguments[1] & FUTEX_CMD_MASK;
  const auto value = static_cast<int>(arguments[2]);
  const auto* const limit = reinterpret_cast<const timespec*>(arguments[3]);
  auto* const target = reinterpret_cast<int*>(arguments[4]);
  const auto last = static_cast<std::uint32_t>(arguments[5]);
  const auto is_word = [](const int* at) { return at != nullptr && address_of(at) % sizeof *at == 0; };
  const bool has_target = operation == FUTEX_REQUEUE || operation == FUTEX_CMP_REQUEUE || operation == FUTEX_WAKE_OP;
  if (!is_word(word) || (has_target && !is_word(target))) return -EINVAL;
  switch (operation) {
    case FUTEX_WAIT:
      return wait_while(word, value,
                        limit != nullptr ? runtime.scheduler.now() + nanoseconds_of(*limit) : Thread::kNever,
                        kAnyNotification);
    case FUTEX_WAIT_BITSET:
      return wait_while(word, value, limit != nullptr ? nanoseconds_of(*limit) : Thread::kNever, last);
    case FUTEX_WAKE: return wake(word, value, kAnyNotification);
    case FUTEX_WAKE_BITSET: return wake(word, value, last);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
      runtime.scheduler.point(intends_to_write(word));
      if (operation == FUTEX_CMP_REQUEUE && latest(word) != static_cast<int>(last)) {
        note(Operation::futex_differs, address_of(word), static_cast<std::uint32_t>(latest(word)), 4);
        return -EAGAIN;
      }
      return requeue(word, static_cast<unsigned>(value), target, static_cast<unsigned>(arguments[3]));
    case FUTEX_WAKE_OP: return wake_and_change(word, value, target, arguments[3], last);
    default:
      refuse("the subject uses a futex operation that the explorer does not model: " +
             std::string(name_of_futex(operation)) + ", number " + std::to_string(operation));
  }
}

/// Names system calls that start threads or processes outside the explorer's control, or wait outside it. Null for
/// other calls.
const char* name_of_refused(long number) {
  switch (number) {
    case SYS_clone: return "clone";
    case SYS_clone3: return "clone3";
    case SYS_fork: return "fork";
    case SYS_vfork: return "vfork";
    case SYS_execve: return "execve";
    case SYS_nanosleep: return "nanosleep";
    case SYS_clock_nanosleep: return "clock_nanosleep";
    case SYS_ppoll: return "ppoll";
    case SYS_pselect6: return "pselect6";
    case SYS_epoll_pwait: return "epoll_pwait";
    case SYS_rt_sigsuspend: return "rt_sigsuspend";
    case SYS_rt_sigtimedwait: return "rt_sigtimedwait";
#ifdef SYS_poll
    case SYS_poll: return "poll";
    case SYS_select: return "select";
    case SYS_epoll_wait: return "epoll_wait";
    case SYS_pause: return "pause";
#endif
#ifdef SYS_futex_waitv
    case SYS_futex_waitv: return "futex_waitv";
#endif
    default: return nullptr;
  }
}

[[gnu::always_inline]] inline void refuse_system_call(const char* name) {
  const ExplorerScope explorer_scope;
  refuse(std::string("the subject makes the system call ") + name + ", which the explorer does not model");
}

}  // namespace

RACETRACK_INTERPOSED long syscall(long number, ...) noexcept {
  va_list rest;
  va_start(rest, number);
  std::array<long, 6> arguments{};
  for (long& argument : arguments) argument = va_arg(rest, long);
  va_end(rest);
  if (runtime.watching) {
    if (number == SYS_futex) return answer(do_futex(arguments));
    if (const char* const name = name_of_refused(number)) refuse_system_call(name);
  }
  return answer(
      raw_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]));
}
