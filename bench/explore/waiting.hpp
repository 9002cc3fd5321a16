// Functions that the primitives share: waiting for an object, and waking its waiters.
#pragma once

#include <cstdint>
#include <ctime>

#include "explore/runtime.hpp"

namespace racetrack::explore {

/// Mask of a wait or a notification that matches every other mask.
inline constexpr std::uint32_t kAnyNotification = ~std::uint32_t{0};

inline std::uintptr_t address_of(const volatile void* object) noexcept {
  return reinterpret_cast<std::uintptr_t>(object);
}
inline Thread& current_thread() noexcept { return *runtime.current; }

/// Blocks the current thread on the object until another thread ends the wait. Returns false when the deadline comes
/// first. `mask`: the notifications that end the wait.
bool wait_for(Wait kind, SyncObject& object, std::uint64_t deadline = Thread::kNever,
              std::uint32_t mask = kAnyNotification);
/// Called after a change of the object: updates which waiters for a lock or a count can run.
void refresh_waiters(SyncObject& object);
/// Wakes up to `count` waiters; with fewer than all, the strategy chooses them. Returns the number.
unsigned notify(SyncObject& object, unsigned count, std::uint32_t mask = kAnyNotification);
/// Moves up to `count` waiters of `from` to `to`. Returns the number.
unsigned move_waiters(SyncObject& from, SyncObject& to, unsigned count);

/// Whether a thread waits at the object and no other thread has notified it.
bool has_sleeper(const SyncObject& object) noexcept;
/// Whether a thread may read-lock the object, an rwlock.
bool admits_readers(const SyncObject& object) noexcept;

/// Publishes the current thread's clock through the object.
inline void release_to(SyncObject& object) noexcept {
  Thread& thread = current_thread();
  object.released = thread.clock;
  thread.clock.tick(thread.id);
}
inline void acquire_from(const SyncObject& object) noexcept { current_thread().clock.join(object.released); }

/// Virtual nanoseconds; 0 for a time before 1970.
inline std::uint64_t nanoseconds_of(const timespec& time) noexcept {
  if (time.tv_sec < 0) return 0;
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace racetrack::explore
