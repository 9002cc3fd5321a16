// The running execution: all state of the explorer that interposed functions and instrumented code need.
//
// The subject calls them without an argument that could refer to the explorer, so the state is one global object. It
// has a separate section: the subject's global variables, which may be in the same executable, are restored between
// executions, and this object is not.
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
#include "explore/world/modules.hpp"
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
  ignore,  ///< executions continue after them
  steps,   ///< as ignore, and plain accesses are scheduling points, so that the consequences of races are found
};

/// The reason why an execution was ended.
struct Failure {
  std::string kind;       ///< a verdict's kind (deadlock, race, ...), or "unusable": the subject cannot be explored
  std::string text;       ///< one paragraph
  std::string signature;  ///< equal for the same fault in other executions
  Access earlier{};       ///< race: the other access
  std::uintptr_t address = 0;
  // Unusable: the current instruction of a lost thread, and that of its last step; 0: unknown.
  std::uintptr_t instruction = 0, last_step = 0;
};

/// A function that exit() calls.
struct ExitHandler {
  void (*function)(void*);
  void* object;
};

struct Runtime {
  // Read by every instrumented instruction.
  bool watching = false;        ///< the subject runs; false in the explorer, in the harness and between executions
  bool weak = false;            ///< loads may read older stores than the latest
  bool recording = false;       ///< events are kept, with values and stacks
  bool touches = false;         ///< the strategy receives each access of the threads
  bool plain_steps = false;     ///< plain accesses are scheduling points
  bool reports_events = false;  ///< one of the three above is set, or a probe for a hang is active
  bool ordered = false;         ///< addresses are the same in every process, so that values may enter the fingerprint
  Thread* current = nullptr;
  Scheduler scheduler;
  Shadow shadow;
  Arena arena{kWorldBase, kArenaSize};         ///< the subject's heap
  Arena own_heap{kOwnHeapBase, kOwnHeapSize};  ///< the explorer's heap, and every caller's between executions
  Fill fill = Fill::pattern;                   ///< of blocks that the subject gets
  Entropy entropy;
  StoreHistories stores;  ///< of weak memory
  ScFences sc_fences;     ///< of weak memory

  std::array<Thread, kMostThreads> threads;
  unsigned thread_count = 0;
  unsigned thread_limit = kUsualThreads;
  std::array<void (*)(void*), Thread::kKeys> key_destructors{};
  unsigned key_count = 0;
  std::span<SyncObject> objects;
  unsigned object_count = 0;
  std::vector<std::uint32_t> free_objects;  ///< indices of objects that are no longer in use
  /// Plain accesses until count_accesses() checks for a step since its last call, and the number of steps at that call.
  std::int32_t accesses_left = 0;
  std::uint32_t steps_then = 0;
  std::uint32_t forced_steps = 0;  ///< in a row, of a thread that makes only plain accesses
  unsigned unwatched = 0;          ///< nesting depth of the harness's own code
  std::uint64_t stamps = 0;        ///< clock reads of the harness
  std::uint64_t fingerprint = 0;   ///< of all operations so far, in their order
  std::uint64_t executions = 0;
  bool redundant = false;     ///< the execution was given up: its rest has been explored
  bool instrumented = false;  ///< some module is instrumented

  bool prepared = false;        ///< there has been a Session
  unsigned sessions = 0;        ///< nesting depth of Session
  Snapshot world;               ///< memory that every execution of the session finds as at its beginning
  Snapshot standard_libraries;  ///< their variables, restored for all executions to their values at the first session
  Snapshot harness_variables;   ///< the same variables with the harness's values, restored at the end of the session
  std::vector<Span> standard_variables;    ///< where the variables of the standard libraries are
  Span loader{0, 0};                       ///< the dynamic loader's code
  bool has_lost_threads = false;           ///< in this exploration
  bool may_exit = false;                   ///< exit(0) ends the execution without a failure
  std::vector<ExitHandler> exit_handlers;  ///< of this execution
  SelfCheck self_check;
  std::vector<Span> not_checked;           ///< memory that the self-check skips: the explorer's own
  std::vector<Library> uninstrumented;     ///< libraries that the subject calls
  std::vector<Library> wait_without_libc;  ///< Modules::wait_without_libc
  std::vector<Span> code;                  ///< Modules::code
  /// Whether the subject's code reads the time stamp counter and no trap answers. Unknown before the first session.
  std::optional<bool> reads_time_stamps;
  Output output;
  std::optional<std::string> printed;  ///< output of the latest recorded execution
  EventLog events;
  Fiber driver;  ///< the system thread that runs executions
  /// Of this execution. Optional, because clang 14 cannot construct the strings of a Failure at compile time.
  std::optional<Failure> failure;
  std::vector<std::string> tolerated;   ///< signatures of known races: executions continue after them
  Races races = Races::report;          ///< of the execution
  std::uint32_t races_to_pass = 0;      ///< of a replay: so many races are not reported, whatever they are
  std::uint32_t races_passed = 0;       ///< races of the execution that were not reported
  std::vector<std::string> unreported;  ///< signatures of races that `races` kept from being reported
  std::vector<std::string> libraries_with_uncertain_races;  ///< as in Exploration
  Notes notes;                                              ///< of all executions of the exploration
  unsigned most_threads = 0;                                ///< the largest number in one execution of the exploration
};

extern Runtime runtime;  // NOLINT(bugprone-dynamic-static-initializers): constinit where it is defined

/// Marks the explorer's own code in a call by the subject: its accesses are not checked, and it allocates from the
/// explorer's heap. Construct it first in a function that the subject calls, or in a function that is inlined there: it
/// records the subject's call site.
class ExplorerScope {
 public:
  [[gnu::always_inline]] ExplorerScope() noexcept : was_(runtime.watching) {
    runtime.watching = false;
    if (!was_) return;
    Thread& thread = *runtime.current;
    thread.caller = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    // The caller's frames begin above the saved frame pointer and the return address.
    thread.frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) + 2 * sizeof(void*);
  }
  ~ExplorerScope() { runtime.watching = was_; }
  ExplorerScope(const ExplorerScope&) = delete;
  ExplorerScope& operator=(const ExplorerScope&) = delete;

 private:
  bool was_;
};

/// The synchronisation object at `address`. Creates one when there is none.
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
/// Ends the execution when the object at `address` is in freed memory or in a stack frame that has returned.
inline void check_object_memory(std::uintptr_t address) {
  if (in_arena(address)) {
    if (runtime.arena.state(address) == Arena::State::freed) [[unlikely]]
      report_freed_object(address);
  } else if (on_a_stack(address) && on_a_left_frame(address)) [[unlikely]] {
    report_object_on_left_frame(address);
  }
}
/// The object at an address that the subject uses. Reports one in freed memory.
inline SyncObject& object_at(const volatile void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  check_object_memory(at);
  return object_at(at);
}

/// Ends the execution. Does not return to the subject.
[[noreturn]] void fail(Failure failure);
[[noreturn]] void fail(const char* kind, std::string text);
/// Ends the execution as the end of a process would. Does not return to the subject.
[[noreturn]] void end_execution();
/// Ends the execution because the rest has been explored already. Does not return to the subject.
[[noreturn]] void give_up();
/// Ends the execution because the subject uses something that the explorer cannot control.
[[noreturn]] void refuse(const std::string& what);

/// Records a limit of this exploration: "not controlled: ..." or "not tried: ...", a short sentence without an address
/// or a count that differs between executions. The verdict prints it, and nothing counts as exhausted. May be called
/// while the subject runs.
void add_note(std::string_view text);

/// Called after very many plain accesses, while the current thread is in the explorer. A thread without a step since
/// the last call takes one, so that the thread that it may wait for can run.
void count_accesses();

/// Reports an access of the current thread to a strategy that watches.
inline void touch(const Touch& what) {
  if (what.kind == Touch::Kind::time) runtime.scheduler.observe_time();
  if (runtime.touches) [[unlikely]]
    runtime.scheduler.strategy().touched(what);
}

/// Reports an operation to the strategy, the hang probe and, when recording, the log. `size` 0: no memory access.
void report_event(Operation operation, std::uintptr_t address, std::size_t size, std::uint64_t value, int order);
/// Adds an operation of the current thread to the fingerprint and reports it to those that need it.
inline void note(Operation operation, std::uintptr_t address, std::uint64_t value = 0, std::uint8_t size = 0,
                 int order = -1) {
  Runtime& r = runtime;
  const std::uint64_t what = (static_cast<std::uint64_t>(operation) << 8U) | r.current->id;
  r.fingerprint = (r.fingerprint ^ what ^ (r.ordered ? value : 0)) * 0x9E3779B97F4A7C15U;
  r.fingerprint ^= r.fingerprint >> 32U;
  if (r.reports_events) [[unlikely]]
    report_event(operation, address, size, value, order);
}

/// Records that the current thread has read `value` at `address`. A thread that reads known values again and again
/// waits for another thread.
inline void observe_value(std::uintptr_t address, std::uint64_t value) {
  Thread& thread = *runtime.current;
  if (thread.observed.add(address, value)) {
    thread.repeated_reads = 0;
  } else if (++thread.repeated_reads >= Scheduler::kRepeatedReads) {
    runtime.scheduler.reconsider();
  }
}
/// Records that the current thread has changed something that others can observe.
inline void record_change() noexcept {
  runtime.current->observed.count = 0;
  runtime.current->repeated_reads = 0;
}

/// Checks an access of the current thread for use after free and for races, and records it. `place` is the subject's
/// instruction. For accesses of any size and alignment.
void check_access_slowly(std::uintptr_t address, std::size_t size, AccessKind kind, std::uintptr_t place);
/// Ends the execution with the race, unless such a race is not to be reported.
void handle_race(std::uintptr_t address, const Access& now, const Access& earlier, std::uintptr_t place);
[[noreturn]] void report_freed(std::uintptr_t address, std::size_t size, AccessKind kind, std::uintptr_t place);
[[noreturn]] void report_gone_stack(ThreadId owner, std::size_t size, AccessKind kind, std::uintptr_t place);

}  // namespace racetrack::explore
