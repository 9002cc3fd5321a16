// The next operation of a thread at a scheduling point.
#pragma once

#include <cstdint>

namespace racetrack::explore {

struct Intent {
  std::uintptr_t address = 0;  ///< 0: nothing whose order with other threads' steps is observable
  bool changes = false;        ///< or may change it: an exchange can fail

  /// Whether the order of the two is observable.
  [[nodiscard]] bool races_with(const Intent& other) const noexcept {
    return address != 0 && address == other.address && (changes || other.changes);
  }
};

inline Intent intends_to_read(const volatile void* at) noexcept {
  return {reinterpret_cast<std::uintptr_t>(at), false};
}
inline Intent intends_to_write(const volatile void* at) noexcept {
  return {reinterpret_cast<std::uintptr_t>(at), true};
}

}  // namespace racetrack::explore
