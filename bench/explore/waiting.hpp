// What primitives share: waiting for an object, and whom a change of it lets go on.
#pragma once

#include <cstdint>
#include <ctime>

#include "explore/runtime.hpp"

namespace racetrack::explore {

/// Of a wait or a notification: each has a bit in common.
inline constexpr std::uint32_t kAnyNotification = ~std::uint32_t{0};

inline std::uintptr_t address_of(const volatile void* object) noexcept {
  return reinterpret_cast<std::uintptr_t>(object);
}
inline Thread& current_thread() noexcept { return *runtime.current; }

/// Blocks the current thread on the object until it is let go on. False: its deadline has come first.
/// `mask`: which notifications end the wait.
bool wait_for(Wait kind, SyncObject& object, std::uint64_t deadline = Thread::kNever,
              std::uint32_t mask = kAnyNotification);
/// After a change of the object: every waiter for a lock or a count can go on or not.
void refresh_waiters(SyncObject& object);
/// Lets one waiter, as the strategy picks, or all go on; says how many.
unsigned notify(SyncObject& object, unsigned count, std::uint32_t mask = kAnyNotification);
/// Lets up to `count` waiters of `from` wait at `to` from now on. Returns how many.
unsigned move_waiters(SyncObject& from, SyncObject& to, unsigned count);

/// Whether a thread waits at the object that no other thread has woken.
bool has_sleeper(const SyncObject& object) noexcept;
/// Whether a thread may read-lock the object, an rwlock.
bool admits_readers(const SyncObject& object) noexcept;

/// Everything the current thread has done is published through the object.
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
