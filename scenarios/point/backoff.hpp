// The waiting strategy of a thread that spins for a lock.
#pragma once

#include <cstdint>
#include <thread>

#include <racetrack/platform.hpp>

/// Exponential backoff (Anderson 1990; Mellor-Crummey and Scott 1991, section 2.1): every wait is twice as long as the
/// previous one, up to kLongest pauses. After that, each wait yields, because the lock's holder may need this
/// processor. Use one object per acquisition.
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
  static constexpr std::uint32_t kLongest = 256;  // in total some ten microseconds of pauses
  std::uint32_t pauses_ = 1;
};
