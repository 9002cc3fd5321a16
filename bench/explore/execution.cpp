#include "explore/execution.hpp"

#include <algorithm>
#include <bit>
#include <exception>
#include <string>
#include <utility>

#include <cxxabi.h>

#include <racetrack/explore_hooks.hpp>

#include "explore/interpose/mutex.hpp"
#include "explore/interpose/real.hpp"

namespace racetrack::explore {
namespace {

const std::function<void()>* body_of_this_execution = nullptr;

std::string name_of_current_exception() {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "an exception";
  int status = 0;
  char* const name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  std::string text = status == 0 ? name : type->name();
  free(name);
  return text;
}

void* run_body(void*) {
  try {
    (*body_of_this_execution)();
  } catch (const abi::__forced_unwind&) {  // pthread_exit or a cancellation
    throw;
  } catch (const std::exception& error) {
    const ExplorerScope explorer_scope;
    fail("crash", "an exception escapes the body: " + name_of_current_exception() + ": " + error.what());
  } catch (...) {
    const ExplorerScope explorer_scope;
    fail("crash", "an exception escapes the body: " + name_of_current_exception());
  }
  return nullptr;
}

/// The entry of every fiber.
void begin_fiber() {
  Thread& thread = *runtime.current;
  runtime.watching = true;
  if (thread.c11_routine != nullptr) {
    thread.result = reinterpret_cast<void*>(static_cast<std::intptr_t>(thread.c11_routine(thread.argument)));
  } else {
    thread.result = thread.routine(thread.argument);
  }
  end_thread();
}

void run_destructors(Thread& thread) {
  while (thread.exits != 0) {
    const ThreadExit last = thread.at_exit[--thread.exits];
    last.function(last.object);
  }
  const auto end_value = [&](unsigned key) {
    void* const value = std::exchange(thread.specific[key], nullptr);
    if (value != nullptr && runtime.key_destructors[key] != nullptr) runtime.key_destructors[key](value);
  };
  for (int round = 0; round < 4; ++round) {  // as in POSIX: a destructor may set a value again
    for (unsigned key = 0; key < runtime.key_count; ++key) end_value(key);
  }
}

void begin_world(const ExecutionPlan& plan) {
  Runtime& r = runtime;
  plan.strategy->begin({plan.seed, plan.longest});
  const bool reuse = plan.strategy->reuses();
  r.scheduler.begin_execution(*plan.strategy, plan.seed, plan.most_steps,
                              {plan.memory,
                               reuse,
                               plan.strategy->slow(),
                               static_cast<std::uint8_t>(plan.strategy->spurious_failures()),
                               r.fill,
                               plan.entropy,
                               {}});
  r.weak = plan.memory == Memory::weak;
  if (r.weak) {
    r.stores.begin_execution();
    r.sc_fences.clear();
  }
  r.standard_libraries.restore();
  r.world.restore();
  r.output.begin_execution();
  r.self_check.begin_execution();
  r.shadow.begin_execution();
  r.arena.begin_execution(reuse);
  r.entropy.begin_execution(plan.entropy);
  r.may_exit = plan.may_exit;
  r.exit_handlers.clear();
  for (unsigned i = 0; i < r.thread_count; ++i) r.threads[i].life = Life::unused;
  r.thread_count = r.object_count = r.key_count = 0;
  r.free_objects.clear();
  clock_width.begin_execution();
  r.stamps = 0;
  r.fingerprint = 0;
  r.recording = plan.record;
  r.touches = plan.strategy->watches();
  r.races = plan.races;
  r.races_to_pass = plan.races_to_pass;
  r.races_passed = 0;
  r.plain_steps = plan.races == Races::steps;
  r.reports_events = r.recording || r.touches || r.plain_steps;
  if (plan.record) r.events.clear();
  r.failure.reset();
  r.redundant = false;
  r.accesses_left = 0;
  r.steps_then = ~0U;
  r.forced_steps = 0;
  r.current = nullptr;
  ++r.executions;
}

}  // namespace

Ending run_execution(const std::function<void()>& body, const ExecutionPlan& plan) {
  begin_world(plan);
  body_of_this_execution = &body;
  runtime.current = &start_thread(run_body, nullptr);
  switch_fiber(runtime.driver, runtime.current->fiber);
  runtime.watching = false;
  runtime.scheduler.pass_races(runtime.plain_steps, runtime.races_passed);
  runtime.most_threads = std::max(runtime.most_threads, runtime.thread_count);
  runtime.current = nullptr;  // no thread runs: the time until the next execution is not the subject's
  Runtime& r = runtime;
  if (plan.record) r.printed = r.output.text();
  // Threads that have not ended may hold locks of the standard libraries.
  r.standard_libraries.restore();
  if (!r.entropy.used()) r.scheduler.forget_entropy();
  if (r.redundant) return Ending::redundant;
  return r.failure ? Ending::failed : Ending::whole;
}

Thread& start_thread(void* (*routine)(void*), void* argument) {
  Runtime& r = runtime;
  if (r.thread_count == r.thread_limit) {
    refuse("it starts more than " + std::to_string(r.thread_limit - 1) + " threads in one execution" +
           (r.thread_limit < kMostThreads ? "; --threads N, up to " + std::to_string(kMostThreads) + ", allows more"
                                          : ""));
  }
  Thread& thread = r.threads[r.thread_count++];
  clock_width.add(thread.id);
  thread.life = Life::running;
  thread.wait = Wait::nothing;
  thread.yields = thread.timed_out = thread.notified = thread.joined = thread.detached = false;
  thread.clock.clear();
  thread.released_by_fence.clear();
  thread.read_relaxed.clear();
  if (r.current != nullptr) {
    thread.clock = r.current->clock;
    r.current->clock.tick(r.current->id);
  }
  thread.clock.set(thread.id, 1);
  thread.observed.count = 0;
  thread.repeated_reads = 0;
  thread.points = 0;
  thread.next = {};
  thread.deadline = Thread::kNever;
  thread.cancel_requested = thread.cancel_disabled = thread.cancellable = thread.exiting = false;
  thread.cleanup = nullptr;
  thread.robust_locks = 0;
  thread.routine = routine;
  thread.c11_routine = nullptr;
  thread.argument = argument;
  thread.started_by = nullptr;
  thread.result = nullptr;
  thread.depth = 0;
  thread.caller = thread.frame = thread.retries_at = 0;
  thread.lost_at = thread.lost_after = 0;
  thread.stack_objects.clear();
  thread.lowest_object = Thread::kNoAddress;
  thread.exits = 0;
  thread.indivisible = 0;
  thread.specific.fill(nullptr);
  set_stack_size(thread.fiber, kUsualStack);
  restart_fiber(thread.fiber, begin_fiber, r.fill == Fill::zero ? 0 : kFillByte);
  r.scheduler.add(thread);
  return thread;
}

void end_thread() {
  Runtime& r = runtime;
  Thread& thread = *r.current;
  run_destructors(thread);
  r.watching = false;
  r.scheduler.point({});
  leave_robust_mutexes();
  note(Operation::end, thread.id);
  thread.life = Life::ended;
  bool alive = false;
  for (unsigned i = 0; i < r.thread_count; ++i) {
    Thread& other = r.threads[i];
    if (other.life != Life::running) continue;
    alive = true;
    if (other.wait == Wait::join && other.awaited == thread.id) r.scheduler.make_runnable(other);
  }
  if (alive) r.scheduler.leave();
  end_execution();
}

}  // namespace racetrack::explore

using namespace racetrack::explore;

void racetrack_explore_leave() noexcept {
  ++runtime.unwatched;
  runtime.watching = false;
}

void racetrack_explore_return() noexcept {
  if (--runtime.unwatched == 0) runtime.watching = runtime.current != nullptr;
}

void racetrack_explore_retry() noexcept {
  if (!runtime.watching) {
    sched_yield();
    return;
  }
  const ExplorerScope explorer_scope;
  Thread& thread = *runtime.current;
  thread.retries_at = thread.caller;
  runtime.scheduler.yield();
  note(Operation::yield, 0);
  thread.retries_at = 0;
}

std::uint64_t racetrack_explore_stamp(bool response) noexcept {
  if (runtime.current != nullptr) touch({response ? Touch::Kind::response : Touch::Kind::invocation});
  return ++runtime.stamps;
}

std::uint64_t racetrack_explore_nanoseconds() noexcept {
  if (runtime.current != nullptr) {
    runtime.scheduler.leave_out(Untried::clock);
    touch({Touch::Kind::time});
  }
  return runtime.scheduler.now() - Scheduler::kBeginningOfTime;
}
