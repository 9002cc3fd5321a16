#include "deadlock/stack.hpp"

#include <unwind.h>

#include "deadlock/arena.hpp"

namespace racetrack::deadlock {
namespace {

struct Walk {
  Stack* stack;
  std::uintptr_t at;
  bool begun;
};

_Unwind_Reason_Code step(_Unwind_Context* context, void* argument) {
  Walk& walk = *static_cast<Walk*>(argument);
  const std::uintptr_t pc = _Unwind_GetIP(context);
  if (pc == 0) return _URC_END_OF_STACK;
  if (pc == walk.at) walk.begun = true;
  if (!walk.begun) return _URC_NO_REASON;
  walk.stack->frames[walk.stack->count++] = pc;
  return walk.stack->count == Stack::kMostFrames ? _URC_END_OF_STACK : _URC_NO_REASON;
}

RawLock depot_lock;
HashMap depot_index;
Array<const Stack*> depot;

bool same(const Stack& a, const Stack& b) noexcept {
  if (a.count != b.count) return false;
  for (std::uint32_t i = 0; i < a.count; ++i) {
    if (a.frames[i] != b.frames[i]) return false;
  }
  return true;
}

}  // namespace

void capture_stack(Stack& stack, std::uintptr_t at) noexcept {
  stack.count = 0;
  Walk walk{&stack, at, false};
  _Unwind_Backtrace(step, &walk);
  if (stack.count == 0) {  // no unwind information: only the caller is known
    stack.frames[0] = at;
    stack.count = 1;
  }
}

const Stack* keep_stack(const Stack& stack) noexcept {
  std::uint64_t key = stack.count;
  for (std::uint32_t i = 0; i < stack.count; ++i) key = mix(key ^ stack.frames[i]);
  const RawGuard guard(depot_lock);
  for (;; ++key) {
    if (key == 0 || key == ~std::uint64_t{0}) key = 1;
    const std::uint32_t* const index = depot_index.find(key);
    if (index == nullptr) break;
    if (same(*depot[*index], stack)) return depot[*index];
  }
  auto* const copy = new (arena_allocate(sizeof(Stack))) Stack(stack);
  depot_index.set(key, static_cast<std::uint32_t>(depot.size()));
  depot.push(copy);
  return copy;
}

void reset_stack_lock() noexcept {
  // Another thread may have been changing them during the fork.
  if (depot_lock.is_locked()) depot_index = {}, depot = {};
  depot_lock.reset();
}

}  // namespace racetrack::deadlock
