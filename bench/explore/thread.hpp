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

enum class Life : std::uint8_t { unused, running, ended };

/// What a blocked thread waits for.
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

/// What a thread has found where it looked since it last changed anything. A spin loop looks at few places.
struct Looks {
  struct Look {
    std::uintptr_t address;
    std::uint64_t value;
  };
  static constexpr unsigned kMost = 16;
  std::array<Look, kMost> at{};
  unsigned count = 0;

  /// False: it was known already.
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
  bool yields = false;     ///< asked for others to go first, at its next point
  bool timed_out = false;  ///< its wait ended by time
  bool notified = false;   ///< its wait ended by another thread
  bool joined = false, detached = false;
  bool cancel_requested = false;   ///< by pthread_cancel
  bool cancel_disabled = false;    ///< by pthread_setcancelstate
  bool cancellable = false;        ///< it waits at a cancellation point
  bool exiting = false;            ///< its stack is being unwound
  void* cleanup = nullptr;         ///< the innermost cleanup handler of C code, glibc's __pthread_unwind_buf_t
  std::uint32_t robust_locks = 0;  ///< robust mutexes that it holds

  // Happens-before.
  VectorClock clock;
  VectorClock released_by_fence;  ///< what a relaxed store publishes: the clock at the latest release fence
  VectorClock read_relaxed;       ///< what an acquire fence would take: all that relaxed loads have found

  // For spin loops.
  Looks looks;
  std::uint32_t equal_looks = 0;  ///< that found what was known, in a row, without a change of its own in between

  // Its own count of scheduling points and what it does when it goes on, up to date only when it does not run.
  std::uint32_t points = 0;
  Intent next;

  std::uintptr_t awaited = 0;       ///< address of the object, or the joined thread's number
  std::uint64_t deadline = kNever;  ///< virtual nanoseconds
  std::uint32_t mask = 0;           ///< of the notifications that end its wait
  std::uint32_t fires_at = 0;       ///< step at which its time-out fires although another thread can run

  void* (*routine)(void*) = nullptr;
  int (*c11_routine)(void*) = nullptr;  ///< in place of `routine`
  void* argument = nullptr;
  void* result = nullptr;
  Fiber fiber;

  unsigned indivisible = 0;   ///< atomic blocks that it is in
  std::uintptr_t caller = 0;  ///< where its code called the explorer
  std::uintptr_t frame = 0;   ///< the lowest address of its frames when it did so
  std::uint32_t depth = 0;    ///< calls deep; the deepest kStackDepth are kept from the outside in
  std::array<std::uintptr_t, kStackDepth> calls{};
  std::array<std::uintptr_t, kStackDepth> frames{};  ///< of each call, the lowest address at its entry
  std::vector<StackObject> stack_objects;            ///< indices in Runtime::objects of those on its stack
  std::uintptr_t lowest_object = kNoAddress;         ///< the lowest address of these
  unsigned exits = 0;
  std::array<ThreadExit, kThreadExits> at_exit{};
  std::array<void*, kKeys> specific{};

  [[nodiscard]] ThreadSet bit() const noexcept { return set_of(id); }
};

}  // namespace racetrack::explore
