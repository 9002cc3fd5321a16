// What lies at an address by which threads synchronise: an atomic, a mutex, a condition, a guard, ...
#pragma once

#include <cstdint>

#include "explore/happens_before/vector_clock.hpp"

namespace racetrack::explore {

/// One type for all, so that one look at the shadow finds it. A primitive uses what it needs.
struct SyncState {
  static constexpr std::int16_t kNobody = -1;

  std::uintptr_t address = 0;
  std::int16_t owner = kNobody;  ///< mutex, rwlock written, guard at work
  std::uint16_t depth = 0;       ///< recursive mutex
  ThreadSet readers = 0;         ///< rwlock
  ThreadSet waiters = 0;         ///< threads that wait here
  std::int32_t value = 0;        ///< semaphore's count; barrier: arrived
  std::int32_t limit = 0;        ///< barrier: threads it waits for
  std::uint32_t phase = 0;       ///< barrier
  bool initialised = false;
};

struct SyncObject : SyncState {
  VectorClock released;          ///< what the latest store, unlock, post, ... has published
  VectorClock readers_released;  ///< rwlock: what its readers have

  /// Makes it a new object at `its_address`.
  void begin(std::uintptr_t its_address) noexcept {
    static_cast<SyncState&>(*this) = {};
    address = its_address;
    released.clear();
    readers_released.clear();
  }
};

}  // namespace racetrack::explore
