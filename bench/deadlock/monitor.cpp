#include "deadlock/monitor.hpp"

#include <cstdio>

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#include "deadlock/detector.hpp"
#include "deadlock/in_process.hpp"
#include "deadlock/interrupt.hpp"
#include "deadlock/lock_layout.hpp"
#include "deadlock/proc.hpp"
#include "deadlock/report.hpp"
#include "deadlock/reporter.hpp"

namespace racetrack::deadlock {
namespace {

constexpr std::size_t kStackSize = std::size_t{256} * 1024;
// As short as the jitter of a wakeup, and much shorter than the 50 ms allowed for a verdict.
constexpr long kFirstPauseUs = 3000;
constexpr long kLongestPauseUs = 50'000;

std::atomic<std::uint32_t> alerted{0};  // a futex
std::atomic<bool> started{false};
std::uint32_t monitor_id = 0;

/// A sample of the states of all threads.
struct Sample {
  Array<std::uint32_t> tasks;
  Array<ThreadRecord*> waiting;  ///< without the supervisor
  Array<std::uint64_t> sequences;
  Array<std::uint64_t> switches;
};

enum class Asleep { no, yes, unknown };

/// Takes a sample. Returns whether every task of the process is asleep in a wait without a time-out that only this
/// process can end.
Asleep take_sample(Sample& sample) noexcept {
  sample.waiting.clear();
  sample.sequences.clear();
  sample.switches.clear();
  if (!list_tasks(sample.tasks)) return Asleep::unknown;
  const std::uint64_t own_signals = 3ULL << 31U | held_signals();  // 32 and 33: used by glibc
  for (const std::uint32_t id : sample.tasks) {
    if (id == monitor_id) continue;
    ThreadRecord* const thread = find_task(id);
    std::uint64_t sequence = 0;
    if (thread != nullptr) sequence = thread->want.sequence.load(std::memory_order_acquire);
    const TaskStatus status = read_task_status(id);
    if (status.state == 'Z' || status.state == 'X') continue;
    if (thread == nullptr) return Asleep::unknown;
    if ((status.caught_signals & ~own_signals) != 0) return Asleep::unknown;
    if (status.state != 'S') return Asleep::no;
    if (thread->supervises.load(std::memory_order_relaxed)) continue;
    if ((sequence & 1) == 0) return Asleep::no;
    if (thread->want.shared.load(std::memory_order_relaxed)) return Asleep::unknown;
    sample.waiting.push(thread);
    sample.sequences.push(sequence);
    sample.switches.push(status.switches);
  }
  return sample.waiting.empty() ? Asleep::no : Asleep::yes;
}

/// Returns whether no thread has run between the two samples, so that all were asleep at the same time.
bool same(const Sample& a, const Sample& b) noexcept {
  if (a.waiting.size() != b.waiting.size()) return false;
  for (std::size_t i = 0; i < a.waiting.size(); ++i) {
    if (a.waiting[i] != b.waiting[i] || a.sequences[i] != b.sequences[i] || a.switches[i] != b.switches[i])
      return false;
  }
  return true;
}

bool in_private_memory(const Sample& sample) noexcept {
  static MemoryMap map;
  map.read();
  for (const ThreadRecord* const thread : sample.waiting) {
    if (thread->want.kind.load(std::memory_order_relaxed) == Kind::join) continue;
    const Mapping* const mapping = map.find(thread->want.address.load(std::memory_order_relaxed));
    if (mapping == nullptr || mapping->shared) return false;
  }
  return true;
}

/// Returns whether every thread of a cycle is asleep and still in the wait that the search saw.
bool asleep(const Cycle& cycle) noexcept {
  for (std::size_t i = 0; i < cycle.threads.size(); ++i) {
    const ThreadRecord& thread = *cycle.threads[i];
    if (read_task_status(thread.thread_id.load(std::memory_order_relaxed)).state != 'S') return false;
    if (thread.want.sequence.load(std::memory_order_acquire) != cycle.sequences[i]) return false;
  }
  return true;
}

/// True when it is worth looking again.
bool check_suspects() noexcept {
  static Cycle cycle;
  bool again = false;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    ThreadRecord& thread = threads[i];
    if (!thread.want.suspect.load(std::memory_order_acquire) || !thread.waits()) continue;
    again = true;
    if (!find_cycle(threads, thread, lock_facts(), cycle) || !cycle.certain) continue;
    if (!asleep(cycle)) continue;
    // The woken waiter is asleep, so it waits for its mutex. The second search shows that nothing has changed.
    static Cycle confirmed;
    if (!find_cycle(threads, thread, lock_facts(), confirmed) || !confirmed.certain) continue;
    if (!asleep(confirmed)) continue;
    report_deadlock(confirmed);
    end_if_asked(false);
    thread.want.suspect.store(false, std::memory_order_relaxed);
  }
  return again;
}

/// True when it is worth looking again.
bool check_all_waiting() noexcept {
  static Sample first, second;
  if (waiting_threads() < threads.live()) return false;
  if (take_sample(first) != Asleep::yes) return true;
  raw_sleep_us(kFirstPauseUs);
  if (take_sample(second) != Asleep::yes || !same(first, second)) return true;
  if (!in_private_memory(second)) return true;
  if (take_sample(first) != Asleep::yes || !same(first, second)) return true;
  check_suspects();
  // A cycle is the more precise finding, and a reported state does not change.
  if ((kinds_found() & (kFoundDeadlock | kFoundLostWakeup)) != 0) return false;
  report_lost_wakeup(second.waiting);
  end_if_asked(false);
  return false;
}

int run_monitor(void*) {
  monitor_id = raw_thread_id();
  raw_syscall(SYS_prctl, PR_SET_NAME, as_long(kMonitorName));
  for (;;) {
    while (alerted.exchange(0) == 0) raw_syscall(SYS_futex, as_long(&alerted), FUTEX_WAIT_PRIVATE, 0);
    long pause_us = kFirstPauseUs;
    for (bool again = true; again;) {
      raw_sleep_us(pause_us);
      again = check_suspects();
      again = check_all_waiting() || again;
      if (alerted.exchange(0) != 0) {
        again = true;
        pause_us = kFirstPauseUs;
      } else if (pause_us < kLongestPauseUs) {
        pause_us = pause_us * 3 / 2;
      }
    }
  }
}

void start_monitor() noexcept {
  // The lower part is the stack. The block above it holds the few words that the compiler and the C library access at
  // the thread pointer.
  constexpr std::size_t kBlock = std::size_t{64} * 1024;
  char* const memory = static_cast<char*>(raw_pages(kStackSize + kBlock));
  if (memory == nullptr) return;
  char* const pointer = memory + kStackSize + kBlock / 2;
  *reinterpret_cast<char**>(pointer) = pointer;
  // The thread must start with every signal blocked: a handler would access thread-local storage, which it lacks.
  std::uint64_t every = ~std::uint64_t{0}, before = 0;
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, as_long(&every), as_long(&before), sizeof every);
  clone(run_monitor, memory + kStackSize,
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS, nullptr,
        nullptr, pointer, nullptr);
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, as_long(&before), 0, sizeof before);
}

class Facts final : public LockFacts {
 public:
  [[nodiscard]] bool still_held(const ThreadRecord& thread, std::uintptr_t address, Kind kind) const noexcept override {
    std::uint32_t owner = 0;
    if (kind == Kind::mutex) {
      owner = peek_owner(address);
    } else if (kind == Kind::rwlock_write) {
      owner = peek_writer(address);
    } else {
      return true;
    }
    return owner == thread.thread_id.load(std::memory_order_relaxed) ||
           (owner != 0 && owner == thread.thread_id_before_fork);
  }

  [[nodiscard]] Answer locks_again(const ThreadRecord& thread) const noexcept override {
    const std::uintptr_t condition = thread.want.address.load(std::memory_order_relaxed);
    std::uint32_t in_call = 0;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      const ThreadRecord& other = threads[i];
      if (other.waits() && other.want.kind.load(std::memory_order_relaxed) == Kind::condition &&
          other.want.address.load(std::memory_order_relaxed) == condition) {
        ++in_call;
      }
    }
    const std::uint32_t unwoken = peek_unwoken_waiters(condition);
    if (unwoken >= in_call) return Answer::no;
    return unwoken == 0 ? Answer::yes : Answer::unknown;
  }
};

constexpr Facts kFacts;

}  // namespace

const LockFacts& lock_facts() noexcept { return kFacts; }

Verdict confirm(const Cycle& cycle, const ThreadRecord* caller) noexcept {
  long pause_us = 50;
  for (long waited_us = 0;;) {
    bool asleep = true;
    for (std::size_t i = 0; i < cycle.threads.size(); ++i) {
      const ThreadRecord& thread = *cycle.threads[i];
      if (cycle.abandoned && i + 1 == cycle.threads.size()) break;  // the ended thread
      const char state =
          &thread == caller ? 'S' : read_task_status(thread.thread_id.load(std::memory_order_relaxed)).state;
      // Without /proc the state is '?', and time must suffice: a thread that was about to leave its wait has left it by
      // then.
      if (state != 'S' && (state != '?' || waited_us < kLongestPauseUs / 2)) asleep = false;
      if (thread.want.sequence.load(std::memory_order_acquire) != cycle.sequences[i]) return Verdict::changed;
    }
    if (asleep) return Verdict::stands;
    raw_sleep_us(pause_us);
    waited_us += pause_us;
    if (pause_us < 2000) pause_us *= 2;
  }
}

void end_if_asked(bool flush_output) noexcept {
  if (!settings.end_process || supervised.load(std::memory_order_relaxed)) return;
  // Flushes the program's output, unless a blocked thread has locked stdout.
  if (flush_output && ftrylockfile(stdout) == 0) fflush_unlocked(stdout);
  raw_syscall(SYS_exit_group, kExitCode);
}

void alert_monitor() noexcept {
  if (!started.exchange(true)) start_monitor();
  if (alerted.exchange(1) == 0) raw_syscall(SYS_futex, as_long(&alerted), FUTEX_WAKE_PRIVATE, 1);
}

void forget_monitor() noexcept {
  started.store(false);
  alerted.store(0);
}

}  // namespace racetrack::deadlock
