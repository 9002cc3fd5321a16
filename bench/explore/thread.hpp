// One thread of the subject.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <pthread.h>

#include "explore/happens_before/vector_clock.hpp"
#include "explore/schedule/intent.hpp"
#include "explore/world/fiber.hpp"

namespace racetrack::explore {

struct Library;

enum class Life : std::uint8_t { unused, running, ended };

/// The reason why a thread is blocked.
enum class Wait : std::uint8_t {
  nothing,
  mutex,
  read_lock,
  write_lock,
  condition,
  semaphore,
  barrier,
  futex,
  guard,
  join,
  sleep
};

/// A destructor of a thread_local object.
struct ThreadExit {
  void (*function)(void*);
  void* object;
};

/// The values that a thread has read since it last changed something. A spin loop reads few addresses.
struct ObservedValues {
  struct ObservedValue {
    std::uintptr_t address;
    std::uint64_t value;
  };
  static constexpr unsigned kMost = 16;
  std::array<ObservedValue, kMost> at{};
  unsigned count = 0;

  /// Returns false when the value is known already.
  bool add(std::uintptr_t address, std::uint64_t value) noexcept {
    for (unsigned i = 0; i < count; ++i) {
      if (at[i].address != address) continue;
      if (at[i].value == value) return false;
      count = 0;  // something has happened
      break;
    }
    if (count == kMost) count = 0;
    at[count++] = {address, value};
    return true;
  }
};

/// A synchronisation object on a thread's stack.
struct StackObject {
  std::uintptr_t address;
  std::uint32_t index;  ///< in Runtime::objects, or kNoObject
};

struct Thread {
  static constexpr unsigned kStackDepth = 128;
  static constexpr unsigned kThreadExits = 64;
  static constexpr unsigned kKeys = 64;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  static constexpr std::uintptr_t kNoAddress = ~std::uintptr_t{0};

  ThreadId id = 0;
  Life life = Life::unused;
  Wait wait = Wait::nothing;
  bool yields = false;     ///< at its next scheduling point, other threads run first
  bool timed_out = false;  ///< its wait has ended by the time-out, or by a cancellation
  bool notified = false;   ///< another thread has ended its wait
  bool joined = false, detached = false;
  bool cancel_requested = false;   ///< by pthread_cancel
  bool cancel_disabled = false;    ///< by pthread_setcancelstate
  bool cancellable = false;        ///< it waits at a cancellation point
  bool exiting = false;            ///< its stack is being unwound
  void* cleanup = nullptr;         ///< the innermost cleanup handler of C code, glibc's __pthread_unwind_buf_t
  std::uint32_t robust_locks = 0;  ///< robust mutexes that it holds

  // Happens-before.
  VectorClock clock;
  VectorClock released_by_fence;  ///< clock that a relaxed store publishes: that of the latest release fence
  VectorClock read_relaxed;       ///< clock that an acquire fence acquires: that of all relaxed loads

  // For spin loops.
  ObservedValues observed;
  std::uint32_t repeated_reads = 0;  ///< known values read in a row, without a change by this thread in between

  // The number of its scheduling points and its next operation, up to date only while it does not run.
  std::uint32_t points = 0;
  Intent next;

  std::uintptr_t awaited = 0;       ///< address of the object, or the joined thread's number
  std::uint64_t deadline = kNever;  ///< virtual nanoseconds
  std::uint32_t mask = 0;           ///< of the notifications that end its wait
  std::uint32_t fires_at = 0;       ///< step at which its time-out fires although another thread can run

  void* (*routine)(void*) = nullptr;
  int (*c11_routine)(void*) = nullptr;  ///< instead of `routine`
  void* argument = nullptr;
  const Library* started_by = nullptr;  ///< the uninstrumented library that started it; null: other code
  void* result = nullptr;
  Fiber fiber;

  unsigned indivisible = 0;       ///< nesting depth of atomic blocks
  std::uintptr_t caller = 0;      ///< address from which it called the explorer
  std::uintptr_t retries_at = 0;  ///< address from which it called racetrack_explore_retry(), while it is in there
  // Of a lost thread: its instruction, and `caller` at that time.
  std::uintptr_t lost_at = 0, lost_after = 0;
  std::uintptr_t frame = 0;  ///< the lowest address of its frames at that call
  std::uint32_t depth = 0;   ///< nesting depth of calls; the outermost kStackDepth are kept
  std::array<std::uintptr_t, kStackDepth> calls{};
  std::array<std::uintptr_t, kStackDepth> frames{};  ///< of each call, the lowest address at its entry
  std::vector<StackObject> stack_objects;            ///< the synchronisation objects on its stack
  std::uintptr_t lowest_object = kNoAddress;         ///< the lowest address of these objects
  unsigned exits = 0;
  std::array<ThreadExit, kThreadExits> at_exit{};
  std::array<void*, kKeys> specific{};

  [[nodiscard]] ThreadSet bit() const noexcept { return set_of(id); }
};

}  // namespace racetrack::explore
