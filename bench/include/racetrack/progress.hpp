// Progress guarantees, for the traits of the families.
#pragma once

#include <cstdint>
#include <string_view>

namespace racetrack {

/// Progress guarantees as in Herlihy and Shavit, On the Nature of Progress (2011). With `blocking`, a thread that stops
/// may stop others.
enum class Progress : std::uint8_t { blocking, obstruction_free, lock_free, wait_free };

/// Returns the name of the guarantee in records and tables.
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
