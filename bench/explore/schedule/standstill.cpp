#include "explore/schedule/standstill.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "explore/runtime.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {
namespace {

std::string name_of_lock(std::uintptr_t address) {
  return object_at(address).primitive == Primitive::spin_lock ? "spin lock" : "mutex";
}

std::string describe(const Thread& thread) {
  const auto number = [](ThreadId id) { return "thread " + std::to_string(id); };
  std::string text = number(thread.id) + " ";
  const auto held = [&](const SyncObject& object) -> std::string {
    if (object.owner == thread.id) return ", which it holds itself";
    if (object.owner >= 0) {
      const Thread& owner = runtime.threads[static_cast<unsigned>(object.owner)];
      return ", which " + number(owner.id) + " holds" + (owner.life == Life::ended ? ", which has ended" : "");
    }
    std::string readers;
    for (ThreadSet set = object.readers; set != 0; set &= set - 1) {
      readers += (readers.empty() ? ", which " : " and ") + number(static_cast<ThreadId>(std::countr_zero(set)));
    }
    if (readers.empty()) return "";
    const bool admits = thread.wait != Wait::read_lock || admits_readers(object);
    return readers + " holds for reading" + (admits ? "" : ", behind a writer that waits");
  };
  switch (thread.wait) {
    case Wait::nothing: return text + "runs";
    case Wait::mutex: return text + "waits for a " + name_of_lock(thread.awaited) + held(object_at(thread.awaited));
    case Wait::read_lock: return text + "waits to read-lock" + held(object_at(thread.awaited));
    case Wait::write_lock: return text + "waits to write-lock" + held(object_at(thread.awaited));
    case Wait::condition: return text + "waits on a condition variable that no thread can signal";
    case Wait::semaphore: return text + "waits for a semaphore that no thread can post";
    case Wait::barrier: return text + "waits at a barrier";
    case Wait::futex: return text + "waits on an atomic that no thread can notify";
    case Wait::guard:
      return text + "waits for the initialisation of a static variable or a call_once" +
             held(object_at(thread.awaited));
    case Wait::join: return text + "waits for the end of " + number(static_cast<ThreadId>(thread.awaited));
    case Wait::sleep: return text + "sleeps";
  }
  return text;
}

/// The threads that a blocked thread waits for; empty when any thread may end the wait.
ThreadSet awaited_by(const Thread& thread) {
  switch (thread.wait) {
    case Wait::mutex:
    case Wait::read_lock:
    case Wait::write_lock:
    case Wait::guard: {
      const SyncObject& object = object_at(thread.awaited);
      return object.owner >= 0 ? set_of(static_cast<ThreadId>(object.owner)) : object.readers;
    }
    case Wait::join: return set_of(static_cast<ThreadId>(thread.awaited));
    default: return 0;
  }
}

/// Whether the wait-for edges from `at` lead to `goal`, or to a thread that has ended.
bool leads_to(ThreadId at, ThreadId goal, ThreadSet& visited) {
  for (ThreadSet set = awaited_by(runtime.threads[at]); set != 0; set &= set - 1) {
    const auto next = static_cast<ThreadId>(std::countr_zero(set));
    if (next == goal || runtime.threads[next].life == Life::ended) return true;
    if ((visited & set_of(next)) != 0) continue;
    visited |= set_of(next);
    if (leads_to(next, goal, visited)) return true;
  }
  return false;
}

}  // namespace

bool only_detached_threads_are_left() {
  if (runtime.threads[0].life != Life::ended) return false;
  return std::all_of(runtime.threads.begin(), runtime.threads.begin() + runtime.thread_count,
                     [](const Thread& thread) { return thread.life != Life::running || thread.detached; });
}

void end_with_detached_threads() {
  add_note("not tried: steps of detached threads that do not end with the body");
  runtime.watching = false;
  Fiber abandoned;
  switch_fiber(abandoned, runtime.driver);
  __builtin_unreachable();
}

void report_standstill() {
  const ExplorerScope explorer_scope;
  std::string text, signature;
  bool cycle = false;
  for (unsigned i = 0; i < runtime.thread_count; ++i) {
    const Thread& thread = runtime.threads[i];
    if (thread.life != Life::running) continue;
    ThreadSet visited = 0;
    cycle |= leads_to(thread.id, thread.id, visited);
    text += (text.empty() ? "" : "; ") + describe(thread);
    signature += std::to_string(static_cast<int>(thread.wait)) + "@" + std::to_string(thread.caller) + ",";
  }
  const char* kind = cycle ? "deadlock" : "lost_wakeup";
  if (!cycle && only_detached_threads_are_left()) end_with_detached_threads();
  if (runtime.threads[0].life == Life::ended) {
    kind = "leak";
    text = "threads never end: " + text;
  }
  fail({.kind = kind, .text = text, .signature = signature});
}

void report_lost() {
  const ExplorerScope explorer_scope;
  const ThreadSet lost = runtime.scheduler.lost();
  const unsigned thread = lost != 0 ? static_cast<unsigned>(std::countr_zero(lost)) : runtime.current->id;
  const Thread& its = runtime.threads[thread];
  fail({.kind = "unusable",
        .text = "thread " + std::to_string(thread) +
                " has run for seconds without a step or an instrumented memory access: it waits in a "
                "call, computes for long, or never leaves a loop. The compiler may have moved a plain load out of a "
                "loop that waits for another thread: such a loop is a data race",
        .signature = "lost",
        .instruction = its.lost_at,
        .last_step = its.lost_after == 0 ? 0 : its.lost_after - 1});
}

void report_too_long(std::uint32_t most_steps) {
  const ExplorerScope explorer_scope;
  runtime.scheduler.leave_out(Untried::execution_length);
  fail({.kind = kTooLong,
        .text = "an execution has more than " + std::to_string(most_steps) + " steps; --steps N allows more",
        .signature = "steps"});
}

std::string describe_waiting_threads() {
  std::string text;
  for (unsigned i = 0; i < runtime.thread_count; ++i) {
    const Thread& thread = runtime.threads[i];
    const bool waits = thread.life == Life::running && thread.wait != Wait::nothing && thread.wait != Wait::sleep;
    if (waits) text += (text.empty() ? "" : "; ") + describe(thread);
  }
  return text;
}

}  // namespace racetrack::explore
