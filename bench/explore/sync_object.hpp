// The synchronisation object at an address: an atomic, a mutex, a condition variable, a guard, ...
#pragma once

#include <array>
#include <cstdint>

#include "explore/happens_before/vector_clock.hpp"

namespace racetrack::explore {

/// Kinds of POSIX objects that have a lifetime.
enum class Primitive : std::uint8_t { none, mutex, condition, rwlock, barrier, semaphore, spin_lock, once_flag };

/// Where an object is between its initialisation and its destruction.
enum class Lifetime : std::uint8_t {
  unknown,    ///< not used yet as a primitive
  alive,      ///< initialised by a call, or statically
  destroyed,  ///< until it is initialised again
};

/// State of a robust mutex (PTHREAD_MUTEX_ROBUST).
enum class Consistency : std::uint8_t {
  consistent,
  owner_died,    ///< its owner ended while it held the mutex; the next owner must repair what it protects
  unrecoverable  ///< the next owner unlocked it without pthread_mutex_consistent
};

/// One type for all primitives, so that one search in the shadow finds the object. Each primitive uses a part of the
/// members.
struct SyncState {
  static constexpr std::int16_t kNoOwner = -1;

  std::uintptr_t address = 0;
  std::uint32_t next = 0;         ///< 1 + index of another object in the same 8 bytes; 0: none
  std::uint32_t stored = 0;       ///< atomic: the step of its latest store
  std::uint8_t size = 0;          ///< atomic: size of a store; 0: not an atomic
  std::int16_t owner = kNoOwner;  ///< the thread that holds it (rwlock: for writing) or runs the initialisation
  std::uint16_t depth = 0;        ///< recursive mutex
  ThreadSet readers = 0;          ///< rwlock: threads that hold it for reading
  ThreadSet waiters = 0;          ///< threads that wait here
  std::int32_t value = 0;         ///< semaphore: count; barrier: threads that have arrived
  std::int32_t limit = 0;         ///< barrier: threads to wait for
  std::uint32_t phase = 0;        ///< barrier

  Primitive primitive = Primitive::none;
  Lifetime lifetime = Lifetime::unknown;
  Consistency consistency = Consistency::consistent;
  bool initialised_by_call = false;  ///< otherwise statically
  bool used = false;                 ///< since it was initialised
  std::uint64_t initialised_at = 0;  ///< a hash of the calls that led to its initialisation
  std::uintptr_t partner = 0;        ///< condition variable: the mutex of its waiters

  bool operator==(const SyncState&) const = default;
  /// Whether the states are equal except for `stored`, on which no later operation depends.
  [[nodiscard]] bool is_as(SyncState other) const noexcept {
    other.stored = stored;
    return *this == other;
  }
};

struct SyncObject : SyncState {
  VectorClock released;                                ///< clock that the latest store, unlock, post, ... has published
  VectorClock readers_released;                        ///< rwlock: clock that its readers have published
  std::array<std::uint16_t, kMostThreads> read_locks;  ///< rwlock: locks that each reader holds; otherwise undefined

  /// Makes it a new object at `its_address`.
  void begin(std::uintptr_t its_address) noexcept {
    static_cast<SyncState&>(*this) = {};
    address = its_address;
    released.clear();
    readers_released.clear();
  }
};

}  // namespace racetrack::explore
