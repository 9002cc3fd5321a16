// What lies at an address by which threads synchronise: an atomic, a mutex, a condition, a guard, ...
#pragma once

#include <cstdint>

#include "explore/happens_before/vector_clock.hpp"

namespace racetrack::explore {

/// One type for all, so that one look at the shadow finds it. A primitive uses what it needs.
struct SyncObject {
  static constexpr std::int16_t kNobody = -1;

  std::uintptr_t address = 0;
  VectorClock released;          ///< what the latest store, unlock, post, ... has published
  VectorClock readers_released;  ///< rwlock: what its readers have
  std::int16_t owner = kNobody;  ///< mutex, rwlock written, guard at work
  std::uint16_t depth = 0;       ///< recursive mutex
  std::uint16_t readers = 0;     ///< rwlock: bit per thread
  std::uint16_t waiters = 0;     ///< bit per thread that waits here
  std::int32_t value = 0;        ///< semaphore's count; barrier: arrived
  std::int32_t limit = 0;        ///< barrier: threads it waits for
  std::uint32_t phase = 0;       ///< barrier
  bool initialised = false;
};

}  // namespace racetrack::explore
