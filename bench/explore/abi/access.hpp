// Checks that every instrumented access makes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/runtime.hpp"

namespace racetrack::explore {

/// Reports an access to the stack of a thread that has ended.
[[gnu::always_inline]] inline void check_stack(std::uintptr_t address, std::size_t size, AccessKind kind,
                                               std::uintptr_t place) {
  if (address - kStacksBase >= kStacksSize) return;
  const Thread& owner = runtime.threads[(address - kStacksBase) / kStackSlot];
  if (owner.life == Life::ended) [[unlikely]]
    report_gone_stack(owner.id, size, kind, place);
}

/// Checks an access of the current thread within one cell for use after free and for races, and records it. `place` is
/// the subject's instruction.
[[gnu::always_inline]] inline void check_access_in(Cell& cell, std::uintptr_t address, std::size_t size,
                                                   AccessKind kind, std::uintptr_t place) {
  Runtime& r = runtime;
  if (in_arena(address) && r.arena.state(address) == Arena::State::freed) [[unlikely]]
    report_freed(address, size, kind, place);
  check_stack(address, size, kind, place);
  const Thread& thread = *r.current;
  const auto bytes = static_cast<std::uint8_t>(((1U << size) - 1U) << (address & 7U));
  const Access now{thread.clock[thread.id], thread.id, bytes, kind, Cause::access};
  const Conflict conflict = record_access(cell, now, thread.clock);
  if (conflict.found) [[unlikely]]
    handle_race(address, now, conflict.earlier, place);
}

[[gnu::always_inline]] inline void check_access(std::uintptr_t address, std::size_t size, AccessKind kind,
                                                std::uintptr_t place) {
  if ((address & 7U) + size > 8) [[unlikely]]
    return check_access_slowly(address, size, kind, place);
  check_access_in(runtime.shadow.cell(address), address, size, kind, place);
}

}  // namespace racetrack::explore
