// Vector clocks (Fidge, 1988; Mattern, 1989): who has heard of what.
#pragma once

#include <array>
#include <cstdint>

namespace racetrack::explore {

/// Threads that one execution may have, all its life.
inline constexpr unsigned kMostThreads = 16;
using ThreadId = std::uint8_t;

/// One count per thread. Signed: the comparison of signed words is one instruction of every x86-64 processor.
class VectorClock {
 public:
  using Count = std::int32_t;

  void clear() noexcept { counts_ = {}; }
  void join(const VectorClock& other) noexcept {
    for (unsigned i = 0; i < kMostThreads; ++i) {
      counts_[i] = other.counts_[i] > counts_[i] ? other.counts_[i] : counts_[i];
    }
  }
  void tick(ThreadId thread) noexcept { ++counts_[thread]; }
  [[nodiscard]] Count operator[](ThreadId thread) const noexcept { return counts_[thread]; }
  void set(ThreadId thread, Count count) noexcept { counts_[thread] = count; }

 private:
  alignas(16) std::array<Count, kMostThreads> counts_{};
};

}  // namespace racetrack::explore
