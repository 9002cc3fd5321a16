#include "deadlock/detector.hpp"

#include <cstring>

#include "deadlock/arena.hpp"
#include "deadlock/interrupt.hpp"
#include "deadlock/lock_layout.hpp"
#include "deadlock/monitor.hpp"
#include "deadlock/order_graph.hpp"
#include "deadlock/order_watch.hpp"
#include "deadlock/proc.hpp"
#include "deadlock/report.hpp"
#include "deadlock/reporter.hpp"
#include "deadlock/sharing.hpp"
#include "deadlock/stack.hpp"

namespace racetrack::deadlock {

Settings settings;
ThreadTable threads;
std::atomic<void (*)() noexcept> disturbance{nullptr};
std::atomic<bool> supervised{false};
std::atomic<bool> records_only{false};
constinit thread_local ThreadRecord* self __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

constinit thread_local bool ended __attribute__((tls_model("initial-exec"))) = false;
constinit thread_local int end_calls __attribute__((tls_model("initial-exec"))) = 0;

enum class Start : int { not_begun, under_way, done };
std::atomic<Start> start{Start::not_begun};
pthread_key_t end_key;
std::atomic<bool> end_key_made{false};
std::atomic<std::int32_t> waiting{0};
std::atomic<bool> locks_abandoned{false};  // a thread that holds locks has ended

RawLock misuse_lock;
HashMap misuse_places;

/// Returns the value of `variable`, or nullptr.
const char* value_in(char** environment, const char* variable) noexcept {
  const std::size_t length = std::strlen(variable);
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    if (std::strncmp(*environment, variable, length) == 0 && (*environment)[length] == '=') {
      return *environment + length + 1;
    }
  }
  return nullptr;
}

bool is_set(char** environment, const char* variable, const char* value) noexcept {
  const char* const found = value_in(environment, variable);
  return found != nullptr && std::strcmp(found, value) == 0;
}

void alert_if_all_wait() noexcept {
  const std::int32_t count = waiting.load(std::memory_order_seq_cst);
  if (count > 0 && count >= threads.live()) alert_monitor();
}

/// Destructor of end_key, called at the end of a thread. Destructors of other libraries may still take locks, so it
/// acts in the last round.
void end_thread(void* argument) noexcept {
  if (++end_calls < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(end_key, argument);
    return;
  }
  ThreadRecord& thread = *static_cast<ThreadRecord*>(argument);
  ended = true;
  self = nullptr;
  end_wait(thread);
  if (thread.end.load(std::memory_order_relaxed) == ThreadRecord::End::none) {
    thread.end.store(thread.cancel_requested.load(std::memory_order_relaxed) ? ThreadRecord::End::cancelled
                                                                             : ThreadRecord::End::exited,
                     std::memory_order_relaxed);
  }
  if (thread.held_count.load(std::memory_order_relaxed) > 0) {
    read_task_name(thread.thread_id.load(std::memory_order_relaxed), thread.name);
    locks_abandoned.store(true);
  }
  // A thread that joins this one is about to wake, so there is no need to wake the monitor.
  const bool joined = thread.joined.load(std::memory_order_relaxed);
  threads.end(thread);
  if (!joined) alert_if_all_wait();
}

/// Arranges that end_thread() runs at the end of the calling thread. Allocates nothing: the key is among the first of
/// the process.
void watch_end(ThreadRecord& thread) noexcept {
  if (end_key_made.load()) pthread_setspecific(end_key, &thread);
}

/// Fork handlers registered earlier, such as those of allocators, run between these; the locks that they take and
/// release pass unwatched. The detector holds none of its locks during a fork: another thread with a lock of these
/// handlers could wait for it.
void before_fork() noexcept {
  if (self != nullptr) self->in_detector = true;
}

void after_fork_in_parent() noexcept {
  if (self != nullptr) self->in_detector = false;
}

void after_fork_in_child() noexcept {
  if (self != nullptr) self->in_detector = false;
  arena_reset_lock();
  restart_order_watch(self);
  reset_search_lock();
  reset_stack_lock();
  reset_report_lock();
  if (misuse_lock.is_locked()) misuse_places = {};
  misuse_lock.reset();
  forget_monitor();
  waiting.store(0);
  if (threads.live() > 1) locks_abandoned.store(true);
  threads.keep_only(self);
  if (self != nullptr) {
    self->thread_id_before_fork = self->thread_id.load(std::memory_order_relaxed);
    self->thread_id.store(raw_thread_id(), std::memory_order_relaxed);
  }
  share_new_process();
}

/// Runs before all other constructors, including libc's (the linker option initfirst). getenv does not work yet, so it
/// reads the environment from its argument. The program's malloc may have called an interposed function before.
__attribute__((constructor(101))) void load(int /*argc*/, char** /*argv*/, char** environment) noexcept {
  register_thread();
  settings.order = is_set(environment, kOrderVariable, "1");
  settings.stacks = is_set(environment, kStacksVariable, "1");
  settings.end_process = is_set(environment, kActionVariable, kActionExit);
  set_report_path(value_in(environment, kReportVariable));
  report_loaded();
  begin_sharing(value_in(environment, kSharedVariable));
  begin_holding();
  end_key_made.store(pthread_key_create(&end_key, end_thread) == 0);
  if (self != nullptr) watch_end(*self);
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  records_only.store(!settings.order && !settings.stacks);
}

}  // namespace

ThreadRecord* register_thread() noexcept {
  if (self != nullptr) return self->in_detector ? nullptr : self;
  Start expected = Start::not_begun;
  if (start.compare_exchange_strong(expected, Start::under_way)) {
    resolve_real();
    start.store(Start::done);
  } else if (expected == Start::under_way) {
    return nullptr;
  }
  if (ended) return nullptr;
  ThreadRecord* const thread = threads.add();
  if (thread == nullptr) {
    ended = true;
    return nullptr;
  }
  begin_thread(*thread);
  return thread;
}

ThreadRecord* expect_thread() noexcept { return threads.add(); }

void cancel_expected_thread(ThreadRecord& thread) noexcept { threads.end(thread); }

void begin_thread(ThreadRecord& thread) noexcept {
  self = &thread;
  thread.in_detector = true;
  thread.thread_id.store(raw_thread_id(), std::memory_order_relaxed);
  thread.handle.store(pthread_self(), std::memory_order_relaxed);
  watch_end(thread);
  thread.in_detector = false;
}

ThreadRecord* find_thread(pthread_t handle) noexcept {
  for (std::size_t i = 0; i < threads.size(); ++i) {
    ThreadRecord& thread = threads[i];
    if (thread.state.load(std::memory_order_acquire) == ThreadRecord::State::live &&
        thread.handle.load(std::memory_order_relaxed) == handle) {
      return &thread;
    }
  }
  return nullptr;
}

ThreadRecord* find_task(std::uint32_t thread_id) noexcept {
  for (std::size_t i = 0; i < threads.size(); ++i) {
    ThreadRecord& thread = threads[i];
    if (thread.state.load(std::memory_order_acquire) == ThreadRecord::State::live &&
        thread.thread_id.load(std::memory_order_relaxed) == thread_id) {
      return &thread;
    }
  }
  return nullptr;
}

void supervise(bool on) noexcept {
  ThreadRecord* const thread = this_thread();
  if (thread == nullptr || thread->supervises.exchange(on) == on) return;
  supervised.store(on);
  waiting.fetch_add(on ? 1 : -1, std::memory_order_seq_cst);
  if (on) alert_if_all_wait();
}

std::int32_t waiting_threads() noexcept { return waiting.load(std::memory_order_seq_cst); }

namespace {

/// Searches for a deadlock that this thread's published wait has closed.
void search_for_deadlock(ThreadRecord& thread) noexcept {
  const Want& want = thread.want;
  // No thread can wait for this one if it holds nothing, is not joined and has no readers queued behind it.
  const bool awaited = thread.held_count.load(std::memory_order_relaxed) > 0 ||
                       thread.joined.load(std::memory_order_relaxed) ||
                       want.kind.load(std::memory_order_relaxed) == Kind::rwlock_write;
  if (!awaited && !locks_abandoned.load(std::memory_order_relaxed)) return;
  Cycle cycle;
  while (find_cycle(threads, thread, lock_facts(), cycle)) {
    if (!cycle.certain) {
      thread.want.suspect.store(true, std::memory_order_release);
      alert_monitor();
      return;
    }
    if (confirm(cycle, &thread) == Verdict::changed) continue;
    Cycle again;
    if (!find_cycle(threads, thread, lock_facts(), again) || !same_cycle(cycle, again)) continue;
    report_deadlock(again);
    end_if_asked(true);
    return;
  }
}

}  // namespace

Waiting::Waiting(ThreadRecord& thread, const WaitFor& wait, std::uintptr_t at) noexcept
    : thread_(thread.waits() ? nullptr : &thread) {
  if (thread_ == nullptr) return;  // in a signal handler that interrupted a wait: the first wait stays recorded
  const PassThrough pass_through(thread);
  Want& want = thread.want;
  capture_stack(want.stack, at);
  // Relaxed: the release store in publish() orders them.
  want.kind.store(wait.kind, std::memory_order_relaxed);
  want.address.store(wait.address, std::memory_order_relaxed);
  want.mutex.store(wait.mutex, std::memory_order_relaxed);
  want.thread.store(wait.thread, std::memory_order_relaxed);
  want.behind_writers.store(wait.behind_writers, std::memory_order_relaxed);
  want.shared.store(wait.shared, std::memory_order_relaxed);
  if (wait.thread != nullptr) wait.thread->joined.store(true, std::memory_order_relaxed);
  thread.publish();
  waiting.fetch_add(1, std::memory_order_seq_cst);
  search_for_deadlock(thread);
  alert_if_all_wait();
}

void Waiting::end() noexcept {
  if (thread_ == nullptr) return;
  thread_->withdraw();
  waiting.fetch_sub(1, std::memory_order_seq_cst);
  thread_ = nullptr;
}

void end_wait(ThreadRecord& thread) noexcept {
  if (!thread.waits()) return;
  thread.withdraw();
  waiting.fetch_sub(1, std::memory_order_seq_cst);
}

void drop_stale_holds(ThreadRecord& thread) noexcept {
  thread.stale.store(false, std::memory_order_relaxed);
  thread.keep_holds([&](const Held& hold) {
    return lock_facts().still_held(thread, hold.address.load(std::memory_order_relaxed),
                                   hold.kind.load(std::memory_order_relaxed));
  });
}

const Stack* stack_of_call(ThreadRecord& thread, std::uintptr_t at) noexcept {
  const PassThrough pass_through(thread);
  Stack stack;
  capture_stack(stack, at);
  return keep_stack(stack);
}

void released_unheld(ThreadRecord& thread, std::uintptr_t address, Kind kind, std::uintptr_t at) noexcept {
  const PassThrough pass_through(thread);
  const std::uint32_t id = thread.thread_id.load(std::memory_order_relaxed);
  // The thread took the lock in a call that the detector did not see.
  if (kind == Kind::mutex ? owner_of(mutex_at(address)) == id : writer_of(rwlock_at(address)) == id) return;
  ThreadRecord* holder = nullptr;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    ThreadRecord& other = threads[i];
    if (&other == &thread || other.state.load(std::memory_order_acquire) == ThreadRecord::State::free) continue;
    Held* const hold = other.find(address);
    if (hold == nullptr || !lock_facts().still_held(other, address, hold->kind.load(std::memory_order_relaxed)))
      continue;
    holder = &other;
    other.stale.store(true, std::memory_order_relaxed);  // the owner then calls drop_stale_holds()
    break;
  }
  {
    const RawGuard guard(misuse_lock);
    if (misuse_places.find(at) != nullptr) return;
    misuse_places.set(at, 1);
  }
  Stack stack;
  capture_stack(stack, at);
  report_unlock_not_held(thread, holder, address, kind, at, stack);
}

}  // namespace racetrack::deadlock
