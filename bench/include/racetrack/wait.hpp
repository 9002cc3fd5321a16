// How a thread waits between two tries of an operation.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <racetrack/explore_hooks.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack {

/// spin: try again after a pause instruction. yield: yield the processor, then try again. block: use the subject's own
/// blocking operations, which do not fail.
enum class Wait : std::uint8_t { spin, yield, block };

/// Returns the strategy of this name. Throws std::invalid_argument for an unknown name.
inline Wait wait_of(std::string_view name) {
  if (name == "spin") return Wait::spin;
  if (name == "yield") return Wait::yield;
  if (name == "block") return Wait::block;
  throw std::invalid_argument("unknown wait strategy '" + std::string(name) + "'");
}

/// Waits between tries, and notices when the round is stopped. Each thread has its own in each round.
class Waiter {
 public:
  Waiter(Wait wait, const StopFlag& stop) noexcept : yields_(wait == Wait::yield), stop_(&stop) {}

  /// Pauses or yields once. Returns false when the round is stopped: the caller must give up.
  RACETRACK_INLINED_IF_EXPLORED [[nodiscard]] bool pause() noexcept {
    if (yields_) {
#if defined(RACETRACK_EXPLORED)
      racetrack_explore_retry();
#else
      std::this_thread::yield();
#endif
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
