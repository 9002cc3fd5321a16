// What a thread is about to do when it arrives at a scheduling point.
#pragma once

#include <cstdint>

namespace racetrack::explore {

struct Intent {
  std::uintptr_t address = 0;  ///< 0: nothing of which order with other threads' steps tells
  bool changes = false;        ///< or may, as an exchange that can fail

  /// Can the order of the two show?
  [[nodiscard]] bool races_with(const Intent& other) const noexcept {
    return address != 0 && address == other.address && (changes || other.changes);
  }
};

inline Intent looks_at(const volatile void* at) noexcept { return {reinterpret_cast<std::uintptr_t>(at), false}; }
inline Intent changes(const volatile void* at) noexcept { return {reinterpret_cast<std::uintptr_t>(at), true}; }

}  // namespace racetrack::explore
