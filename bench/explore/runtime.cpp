#include "explore/runtime.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace racetrack::explore {

[[gnu::section("racetrack_state")]] constinit Runtime runtime;
[[gnu::section("racetrack_state")]] constinit ClockWidth clock_width;

SyncObject& find_or_make_object(Cell& cell, std::uintptr_t address) {
  Runtime& r = runtime;
  for (std::uint32_t i = cell.object; i != 0; i = r.objects[i - 1].next) {
    if (r.objects[i - 1].address == address) return r.objects[i - 1];
  }
  if (r.free_objects.empty() && r.object_count == r.objects.size()) {
    refuse("more than " + std::to_string(r.objects.size()) +
           " atomics, mutexes and other synchronisation objects in one execution");
  }
  std::uint32_t index = r.object_count;
  if (r.free_objects.empty()) {
    ++r.object_count;
  } else {
    index = r.free_objects.back();
    r.free_objects.pop_back();
  }
  SyncObject& made = r.objects[index];
  made.begin(address);
  if (cell.object == 0) {
    cell.object = index + 1;
  } else {
    SyncObject& first = r.objects[cell.object - 1];
    made.next = first.next;
    first.next = index + 1;
  }
  if (on_a_stack(address)) add_stack_object(address, index);
  return made;
}

SyncObject& object_at(std::uintptr_t address) { return object_in(runtime.shadow.cell(address), address); }

void fail(Failure failure) {
  runtime.watching = false;
  runtime.failure = std::move(failure);
  end_execution();
}

void fail(const char* kind, std::string text) {
  std::string signature = text;
  fail({.kind = kind, .text = std::move(text), .signature = std::move(signature)});
}

void count_accesses() {
  constexpr std::int32_t kAccesses = 20'000;
  constexpr std::uint32_t kSuspicious = 64;
  Runtime& r = runtime;
  r.accesses_left = kAccesses;
  if (std::exchange(r.steps_then, r.scheduler.steps()) == r.scheduler.steps()) {
    if (++r.forced_steps >= kSuspicious && std::has_single_bit(r.forced_steps)) r.scheduler.suspect_hang();
    r.scheduler.yield();
    r.steps_then = r.scheduler.steps();
  } else {
    r.forced_steps = 0;
  }
}

void give_up() {
  runtime.redundant = true;
  end_execution();
}

void end_execution() {
  runtime.watching = false;
  Fiber abandoned;
  switch_fiber(abandoned, runtime.driver);
  __builtin_unreachable();
}

void refuse(const std::string& what) { fail("unusable", what); }

void add_note(std::string_view text) {
  const ExplorerScope explorer_scope;
  runtime.notes.add(text);
}

namespace {

void notify_strategy(Operation operation, std::uintptr_t address, std::size_t size) {
  Touch::Kind kind = Touch::Kind::write;
  switch (operation) {
    case Operation::read:
    case Operation::load:
    case Operation::not_exchanged:
    case Operation::lock_fails:
    case Operation::read_lock:
    case Operation::read_lock_fails:
    case Operation::read_unlock:
    case Operation::semaphore_fails:
    case Operation::futex_differs:
    case Operation::guard_passed: kind = Touch::Kind::read; break;
    case Operation::lock: kind = Touch::Kind::lock; break;
    case Operation::unlock: kind = Touch::Kind::unlock; break;
    case Operation::create: address = kPseudoNumbering; break;
    case Operation::join: runtime.scheduler.strategy().joined(static_cast<ThreadId>(address)); return;
    // These events need no touch: fences order only their own thread's steps; the thread that wakes another one has
    // reported the wakeup; calls that block report more than one address.
    case Operation::fence:
    case Operation::yield:
    case Operation::spurious_wakeup:
    case Operation::choice:
    case Operation::condition_woken:
    case Operation::condition_timeout:
    case Operation::futex_timeout:
    case Operation::sleep:
    case Operation::futex_woken:
    case Operation::barrier_pass:
    case Operation::detach:
    case Operation::cancel:
    case Operation::cancelled:
    case Operation::end:
    case Operation::allocate:
    case Operation::release: return;
    default: break;
  }
  runtime.scheduler.strategy().touched({kind, address, size});
}

}  // namespace

void report_event(Operation operation, std::uintptr_t address, std::size_t size, std::uint64_t value, int order) {
  runtime.scheduler.observe(operation, address, size);
  if (runtime.touches) notify_strategy(operation, address, size);
  if (!runtime.recording) return;
  const Thread& thread = *runtime.current;
  EventLog& log = runtime.events;
  log.make_room();
  const auto depth = std::min(thread.depth, Thread::kStackDepth);
  const unsigned own =
      std::min(depth, 1U);  // the outermost call is the explorer's: of the body or the thread's function
  log.events.push_back({.step = runtime.scheduler.steps(),
                        .thread = thread.id,
                        .operation = operation,
                        .size = static_cast<std::uint8_t>(std::min<std::size_t>(size, 255)),
                        .order = static_cast<std::int8_t>(order),
                        .epoch = thread.clock[thread.id],
                        .address = address,
                        .value = value,
                        .stack = static_cast<std::uint32_t>(log.frames.size()),
                        .depth = depth - own + 1});
  log.frames.insert(log.frames.end(), thread.calls.begin() + own, thread.calls.begin() + depth);
  log.frames.push_back(thread.caller);
}

void check_access_slowly(std::uintptr_t address, std::size_t size, AccessKind kind, std::uintptr_t place) {
  Runtime& r = runtime;
  Thread& thread = *r.current;
  const std::uintptr_t end = address + size;
  while (address < end) {
    const std::uintptr_t next = std::min((address & ~std::uintptr_t{7}) + 8, end);
    if (in_arena(address) && r.arena.state(address) == Arena::State::freed)
      report_freed(address, next - address, kind, place);
    if (address - kStacksBase < kStacksSize) {
      const Thread& owner = r.threads[(address - kStacksBase) / kStackSlot];
      if (owner.life == Life::ended) report_gone_stack(owner.id, next - address, kind, place);
    }
    const auto first = static_cast<unsigned>(address & 7U), count = static_cast<unsigned>(next - address);
    const Access now{thread.clock[thread.id], thread.id, static_cast<std::uint8_t>(((1U << count) - 1U) << first), kind,
                     Cause::access};
    const Conflict conflict = record_access(r.shadow.cell(address), now, thread.clock);
    if (conflict.found) handle_race(address, now, conflict.earlier, place);
    address = next;
  }
}

namespace {

const char* name_of(std::uint8_t kind) {
  switch (kind) {
    case kPlainRead: return "read";
    case kPlainWrite: return "write";
    case kAtomicRead: return "atomic read";
    default: return "atomic write";
  }
}
const char* name_of(const Access& access) {
  switch (access.cause) {
    case Cause::allocation: return "allocation";
    case Cause::free: return "free";
    default: return name_of(access.kind);
  }
}

/// Equal for the same place of the program with the same calling instruction.
std::string place_signature(std::uintptr_t place) {
  const Thread& thread = *runtime.current;
  const unsigned depth = std::min(thread.depth, Thread::kStackDepth);
  return "@" + std::to_string(place) + "," + std::to_string(depth > 1 ? thread.calls[depth - 1] : 0);
}

}  // namespace

void handle_race(std::uintptr_t address, const Access& now, const Access& earlier, std::uintptr_t place) {
  const ExplorerScope explorer_scope;
  Runtime& r = runtime;
  // A locale's facets cache results, in code that is partly in headers (GCC bug 77704).
  const auto holds = [&](const Span& span) { return span.contains(address); };
  if (std::any_of(r.standard_variables.begin(), r.standard_variables.end(), holds)) return;
  for (const Access& access : {now, earlier}) {
    const Library* const library = r.threads[access.thread].started_by;
    if (library == nullptr || r.races != Races::report) continue;
    // The library may order the accesses by synchronisation that is not seen.
    std::vector<std::string>& known = r.libraries_with_uncertain_races;
    if (std::find(known.begin(), known.end(), library->file) == known.end()) known.push_back(library->file);
    return;
  }
  std::string signature = std::string(name_of(now)) + "/" + name_of(earlier) + place_signature(place);
  const auto is_in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), signature) != list.end();
  };
  if (r.races != Races::report && !is_in(r.unreported)) r.unreported.push_back(signature);
  if (r.races != Races::report || r.races_passed < r.races_to_pass || is_in(r.tolerated)) {
    ++r.races_passed;
    return;
  }
  r.current->caller = place;
  fail({.kind = "race",
        .text = std::string(name_of(now)) + " by thread " + std::to_string(now.thread) + " and " + name_of(earlier) +
                " by thread " + std::to_string(earlier.thread) + " of the same memory, not ordered by happens-before",
        .signature = std::move(signature),
        .earlier = earlier,
        .address = address});
}

void report_freed_object(std::uintptr_t address) {
  const ExplorerScope explorer_scope;
  fail({.kind = "use_after_free",
        .text = "thread " + std::to_string(runtime.current->id) + " uses a synchronisation object in freed memory",
        .signature = "object" + place_signature(runtime.current->caller),
        .address = address});
}

void report_object_on_left_frame(std::uintptr_t address) {
  const ExplorerScope explorer_scope;
  fail({.kind = "misuse",
        .text = "thread " + std::to_string(runtime.current->id) +
                " uses a synchronisation object in a stack frame that has returned",
        .signature = "frame" + place_signature(runtime.current->caller),
        .address = address});
}

void report_freed(std::uintptr_t address, std::size_t size, AccessKind kind, std::uintptr_t place) {
  const ExplorerScope explorer_scope;
  fail({.kind = "use_after_free",
        .text = std::string(name_of(kind)) + " of " + std::to_string(size) + " bytes of freed memory by thread " +
                std::to_string(runtime.current->id),
        .signature = name_of(kind) + place_signature(place),
        .address = address});
}

void report_gone_stack(ThreadId owner, std::size_t size, AccessKind kind, std::uintptr_t place) {
  const ExplorerScope explorer_scope;
  fail({.kind = "use_after_free",
        .text = std::string(name_of(kind)) + " of " + std::to_string(size) + " bytes by thread " +
                std::to_string(runtime.current->id) + " on the stack of thread " + std::to_string(owner) +
                ", which has ended",
        .signature = "stack" + place_signature(place)});
}

}  // namespace racetrack::explore
