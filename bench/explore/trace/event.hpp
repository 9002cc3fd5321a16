// Events of an execution, recorded when a failing schedule is executed again to show it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "explore/happens_before/vector_clock.hpp"

namespace racetrack::explore {

enum class Operation : std::uint8_t {
  read,
  write,
  load,
  store,
  exchange,
  fetch_add,
  fetch_sub,
  fetch_and,
  fetch_or,
  fetch_xor,
  fetch_nand,
  exchanged,
  not_exchanged,
  fence,
  lock,
  lock_fails,
  unlock,
  read_lock,
  read_lock_fails,
  read_unlock,
  write_lock,
  write_lock_fails,
  write_unlock,
  condition_wait,
  condition_woken,
  condition_timeout,
  condition_signal,
  condition_broadcast,
  semaphore_wait,
  semaphore_fails,
  semaphore_post,
  barrier_wait,
  barrier_pass,
  futex_wait,
  futex_woken,
  futex_differs,
  futex_timeout,
  futex_wake,
  guard_begin,
  guard_end,
  guard_passed,
  once,
  block,  ///< waits for a lock; `value`: its owner, or kNotHeld
  create,
  await_end,
  join,
  detach,
  end,
  yield,
  sleep,
  allocate,
  release,
  choice,
  spurious_wakeup,
  cancel,
  cancelled,
};

inline constexpr std::uint64_t kNotHeld = ~std::uint64_t{0};

/// Weak memory: the store that a load has read, and the latest one.
struct StaleRead {
  std::uint32_t step = 0;  ///< of the store; 0: the initial value
  ThreadId writer = 0;
  unsigned newer = 0;  ///< stores since then
  std::uint32_t latest_step = 0;
  ThreadId latest_writer = 0;
  std::uint64_t latest_value = 0;
};

struct Event {
  std::uint32_t step = 0;
  ThreadId thread = 0;
  Operation operation = Operation::read;
  std::uint8_t size = 0;
  std::int8_t order = -1;  ///< std::memory_order; -1: none
  VectorClock::Count epoch = 0;
  std::uintptr_t address = 0;
  std::uint64_t value = 0;
  std::uint32_t stack = 0, depth = 0;  ///< in EventLog::frames, outermost first
  std::uint32_t stale = 0;             ///< 1 + index in EventLog::stale_reads; 0: not a stale read
};

struct EventLog {
  std::vector<Event> events;
  std::vector<std::uintptr_t> frames;
  std::vector<StaleRead> stale_reads;
  std::vector<std::pair<std::uintptr_t, std::string>> names;  ///< names given by the subject
  bool dropped = false;                                       ///< early events are missing

  static constexpr std::size_t kMost = 1'000'000;
  /// Drops early events when there are too many: plain accesses first, and any event when these are few.
  void make_room() {
    if (events.size() < kMost) return;
    const std::size_t late = events.size() / 2;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < late; ++i) {
      const bool plain = events[i].operation == Operation::read || events[i].operation == Operation::write;
      if (!plain) events[kept++] = events[i];
    }
    if (kept > late / 2) kept = 0;
    events.erase(events.begin() + static_cast<std::ptrdiff_t>(kept),
                 events.begin() + static_cast<std::ptrdiff_t>(late));
    std::vector<std::uintptr_t> fewer;
    for (Event& event : events) {
      const auto first = frames.begin() + event.stack;
      event.stack = static_cast<std::uint32_t>(fewer.size());
      fewer.insert(fewer.end(), first, first + event.depth);
    }
    frames = std::move(fewer);
    dropped = true;
  }
  void clear() {
    dropped = false;
    names.clear();
    events.clear();
    frames.clear();
    stale_reads.clear();
  }
};

}  // namespace racetrack::explore
