// What a thread does between a failed try and the next.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <racetrack/platform.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack {

/// spin: try again after a pause instruction. yield: give the processor away, then try again. block: the subject's
/// own blocking operations; there are no failed tries.
enum class Wait : std::uint8_t { spin, yield, block };

inline Wait wait_of(std::string_view name) {
  if (name == "spin") return Wait::spin;
  if (name == "yield") return Wait::yield;
  if (name == "block") return Wait::block;
  throw std::invalid_argument("unknown wait strategy '" + std::string(name) + "'");
}

/// One per thread and round.
class Waiter {
 public:
  Waiter(Wait wait, const StopFlag& stop) noexcept : yields_(wait == Wait::yield), stop_(&stop) {}

  /// Waits a little. False: the round was stopped, give up.
  [[nodiscard]] bool pause() noexcept {
    if (yields_) {
      std::this_thread::yield();
    } else {
      relax_cpu();
    }
    return !stop_->raised();
  }

 private:
  bool yields_;
  const StopFlag* stop_;
};

}  // namespace racetrack
