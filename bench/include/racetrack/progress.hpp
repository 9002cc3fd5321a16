// Progress guarantees, as the families' traits declare them.
#pragma once

#include <cstdint>
#include <string_view>

namespace racetrack {

/// Herlihy and Shavit, On the Nature of Progress (2011). blocking: a thread that stops may stop others.
enum class Progress : std::uint8_t { blocking, obstruction_free, lock_free, wait_free };

inline std::string_view to_word(Progress progress) noexcept {
  switch (progress) {
    case Progress::blocking: return "blocking";
    case Progress::obstruction_free: return "obstruction_free";
    case Progress::lock_free: return "lock_free";
    case Progress::wait_free: return "wait_free";
  }
  return "";
}

}  // namespace racetrack
