// How a thread waits that spins for a lock.
#pragma once

#include <cstdint>
#include <thread>

#include <racetrack/platform.hpp>

/// Exponential backoff (Anderson 1990; Mellor-Crummey and Scott 1991, section 2.1): every wait is twice as long as the one
/// before, up to kLongest pauses; a thread that has waited that long gives its processor away instead, since who holds the
/// lock may be waiting for just this processor. One per acquisition.
class Backoff {
 public:
  void wait() noexcept {
    if (pauses_ > kLongest) {
      std::this_thread::yield();
      return;
    }
    for (std::uint32_t pause = 0; pause < pauses_; ++pause) racetrack::relax_cpu();
    pauses_ *= 2;
  }

 private:
  static constexpr std::uint32_t kLongest = 256;  // some ten microseconds of pauses in all
  std::uint32_t pauses_ = 1;
};
