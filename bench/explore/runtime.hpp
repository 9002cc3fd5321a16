// The running execution: all state of the explorer that interposed functions and instrumented code need, in one place.
//
// A subject calls in without an argument that could lead here, so this is the one global object. It has a section of its own, because
// the subject's globals, which may lie in the same executable, are put back between executions and this is not.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "explore/happens_before/shadow.hpp"
#include "explore/notes.hpp"
#include "explore/schedule/scheduler.hpp"
#include "explore/stack_objects.hpp"
#include "explore/sync_object.hpp"
#include "explore/thread.hpp"
#include "explore/trace/event.hpp"
#include "explore/weak/sc_fences.hpp"
#include "explore/weak/store_histories.hpp"
#include "explore/world/arena.hpp"
#include "explore/world/entropy.hpp"
#include "explore/world/fill.hpp"
#include "explore/world/output.hpp"
#include "explore/world/self_check.hpp"
#include "explore/world/snapshot.hpp"

namespace racetrack::explore {

/// A failure of this kind is not a finding: the execution has more steps than the limit.
inline constexpr const char* kTooLong = "too_long";

/// A failure of this kind is not a finding: assume() abandons the execution.
inline constexpr const char* kAbandoned = "abandoned";

/// How an exploration treats races.
enum class Races : std::uint8_t {
  report,  ///< they are findings
  ignore,  ///< executions continue behind them
  steps,   ///< as ignore, and plain accesses are scheduling points, so that what they lead to is found
};

/// Why an execution ended before its end.
struct Failure {
  std::string kind;  ///< deadlock, race, use_after_free, ...: a verdict's; "unusable": the subject cannot be explored
  std::string text;  ///< one paragraph
  std::string signature;  ///< equal for the same fault in other executions
  Access earlier{};       ///< race: the other access
  std::uintptr_t address = 0;
};

/// A function that exit() calls.
struct ExitHandler {
  void (*function)(void*);
  void* object;
};

struct Runtime {
  // What every instrumented instruction looks at.
  bool watching = false;     ///< the subject runs; false in the explorer, in the harness and between executions
  bool weak = false;         ///< loads may read older stores than the latest
  bool recording = false;    ///< events are kept, with values and stacks
  bool touches = false;      ///< the strategy receives each access of the threads
  bool plain_steps = false;  ///< plain accesses are scheduling points
  bool told = false;         ///< one of these three
  bool ordered = false;      ///< addresses are the same in every process, so that values may enter the fingerprint
  Thread* current = nullptr;
  Scheduler scheduler;
  Shadow shadow;
  Arena arena{kWorldBase, kArenaSize};         ///< the subject's heap
  Arena own_heap{kOwnHeapBase, kOwnHeapSize};  ///< the explorer's, and everybody's between executions
  Fill fill = Fill::pattern;                   ///< of blocks that the subject gets
  Entropy entropy;
  StoreHistories stores;  ///< weak memory's
  ScFences sc_fences;     ///< weak memory's

  std::array<Thread, kMostThreads> threads;
  unsigned thread_count = 0;
  unsigned thread_limit = kUsualThreads;
  std::array<void (*)(void*), Thread::kKeys> key_destructors{};
  unsigned key_count = 0;
  std::span<SyncObject> objects;
  unsigned object_count = 0;
  std::vector<std::uint32_t> free_objects;  ///< indices of those that are forgotten, for others
  /// Plain accesses until it is asked whether the thread has had a step since, and the steps at the last such question.
  std::int32_t accesses_left = 0;
  std::uint32_t steps_then = 0;
  std::uint32_t forced_steps = 0;  ///< in a row, of a thread that makes plain accesses only
  unsigned unwatched = 0;          ///< how deep the harness is in its own code
  std::uint64_t stamps = 0;        ///< clock reads of the harness
  std::uint64_t fingerprint = 0;   ///< of all operations so far, in their order
  std::uint64_t executions = 0;
  bool redundant = false;     ///< the execution was given up: its rest is known
  bool instrumented = false;  ///< some module is

  bool prepared = false;  ///< there has been a session
  unsigned sessions = 0;  ///< nested ones
  Snapshot world;         ///< what a session's executions find as at its beginning
  Snapshot
      standard_libraries;  ///< their variables, which all executions of the process find as at the first session's beginning
  Snapshot harness_variables;  ///< the same variables, as the harness finds them again at the end of the session
  std::vector<Span> standard_variables;    ///< where they are
  Span loader{0, 0};                       ///< the dynamic loader's code
  bool may_exit = false;                   ///< the subject is a program: exit(0) is an end of its execution
  std::vector<ExitHandler> exit_handlers;  ///< of this execution
  SelfCheck self_check;
  std::vector<Span> not_checked;            ///< by it: the explorer's own memory
  std::vector<std::string> uninstrumented;  ///< libraries that the subject calls
  Output output;
  std::optional<std::string> printed;  ///< by the latest execution that was recorded
  EventLog events;
  Fiber driver;                        ///< the system thread that drives executions
  std::optional<Failure> failure;      ///< of this execution; its strings make no constant with clang 14
  std::vector<std::string> tolerated;  ///< signatures of races that are known: executions continue behind them
  Races races = Races::report;         ///< of the execution
  std::uint32_t races_to_pass = 0;     ///< that many races are not reported, whatever they are: a replay's
  std::uint32_t races_passed = 0;      ///< of the execution, not reported
  std::vector<std::string>
      unreported;             ///< signatures of all races of the exploration that `races` keeps from being reported
  Notes notes;                ///< of all executions of the exploration
  unsigned most_threads = 0;  ///< that one execution of the exploration has had
};

extern Runtime runtime;  // NOLINT(bugprone-dynamic-static-initializers): constinit where it is defined

/// In the explorer's own code, called by the subject: nothing of it is seen, and its memory is its own. Made first thing in a function
/// that the subject calls, or in one that is inlined there: it keeps where the subject was.
class Inside {
 public:
  [[gnu::always_inline]] Inside() noexcept : was_(runtime.watching) {
    runtime.watching = false;
    if (!was_) return;
    Thread& thread = *runtime.current;
    thread.caller = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    // The caller's frames begin above the saved frame pointer and the return address.
    thread.frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) + 2 * sizeof(void*);
  }
  ~Inside() { runtime.watching = was_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  bool was_;
};

/// The synchronisation object at `address`, made when there is none.
SyncObject& object_at(std::uintptr_t address);
SyncObject& find_or_make_object(Cell& cell, std::uintptr_t address);
inline SyncObject& object_in(Cell& cell, std::uintptr_t address) {
  if (cell.object != 0 && runtime.objects[cell.object - 1].address == address) [[likely]] {
    return runtime.objects[cell.object - 1];
  }
  return find_or_make_object(cell, address);
}
[[noreturn]] void report_freed_object(std::uintptr_t address);
[[noreturn]] void report_object_on_left_frame(std::uintptr_t address);
/// Ends the execution when memory of an object at `address` is freed, or was part of a stack frame that is gone.
inline void check_object_memory(std::uintptr_t address) {
  if (in_arena(address)) {
    if (runtime.arena.state(address) == Arena::State::freed) [[unlikely]]
      report_freed_object(address);
  } else if (on_a_stack(address) && on_a_left_frame(address)) [[unlikely]] {
    report_object_on_left_frame(address);
  }
}
/// As the subject names it: one in freed memory is a failure.
inline SyncObject& object_at(const volatile void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  check_object_memory(at);
  return object_at(at);
}

/// Ends the execution. Does not return to the subject.
[[noreturn]] void fail(Failure failure);
[[noreturn]] void fail(const char* kind, std::string text);
/// Ends the execution as the end of its process. Does not return to the subject.
[[noreturn]] void end_execution();
/// Ends the execution, in which there is nothing new to see. Does not return to the subject.
[[noreturn]] void give_up();
/// The subject does what the explorer cannot follow.
[[noreturn]] void refuse(const std::string& what);

/// Remembers a limit of this exploration: "not controlled: ..." or "not tried: ...", a short sentence that names no address and no
/// count that differs between executions. The verdict prints it, and nothing is called exhausted. May be called while the subject runs.
void add_note(std::string_view text);

/// After very many plain accesses: a thread without a step in between takes one, so that others run. It may wait for one of them.
/// Called while the current thread is inside.
void count_accesses();

/// What the current thread does, for a strategy that wants to know.
inline void touch(const Touch& what) {
  if (what.kind == Touch::Kind::time) runtime.scheduler.see_time();
  if (runtime.touches) [[unlikely]]
    runtime.scheduler.strategy().touched(what);
}

/// What every operation leaves in the fingerprint, tells the strategy and, when recording, the log. `size` 0: no memory access.
void tell_event(Operation operation, std::uintptr_t address, std::size_t size, std::uint64_t value, int order);
inline void note(Operation operation, std::uintptr_t address, std::uint64_t value = 0, std::uint8_t size = 0,
                 int order = -1) {
  Runtime& r = runtime;
  const std::uint64_t what = (static_cast<std::uint64_t>(operation) << 8U) | r.current->id;
  r.fingerprint = (r.fingerprint ^ what ^ (r.ordered ? value : 0)) * 0x9E3779B97F4A7C15U;
  r.fingerprint ^= r.fingerprint >> 32U;
  if (r.told) [[unlikely]]
    tell_event(operation, address, size, value, order);
}

/// The current thread has found `value` at `address`. Who finds the same again and again waits for somebody.
inline void look(std::uintptr_t address, std::uint64_t value) {
  Thread& thread = *runtime.current;
  if (thread.looks.add(address, value)) {
    thread.equal_looks = 0;
  } else if (++thread.equal_looks >= Scheduler::kEqualLooks) {
    runtime.scheduler.reconsider();
  }
}
/// The current thread has changed something that others can see.
inline void change() noexcept {
  runtime.current->looks.count = 0;
  runtime.current->equal_looks = 0;
}

/// Checks an access of the current thread for use after free and for races, and remembers it.
/// `place` is where the subject accesses it.
void check_access_slowly(std::uintptr_t address, std::size_t size, AccessKind kind, std::uintptr_t place);
/// Ends the execution with the race, unless it is one that is not reported.
void meet_race(std::uintptr_t address, const Access& now, const Access& earlier, std::uintptr_t place);
[[noreturn]] void report_freed(std::uintptr_t address, std::size_t size, AccessKind kind, std::uintptr_t place);
[[noreturn]] void report_gone_stack(ThreadId owner, std::size_t size, AccessKind kind, std::uintptr_t place);

}  // namespace racetrack::explore
