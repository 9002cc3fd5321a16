// Vector clocks (Fidge, 1988; Mattern, 1989).
#pragma once

#include <array>
#include <cstdint>

namespace racetrack::explore {

/// The maximum number of threads in an execution, and the default limit.
inline constexpr unsigned kMostThreads = 64, kUsualThreads = 16;
using ThreadId = std::uint8_t;
using ThreadSet = std::uint64_t;  ///< a bit per thread

constexpr ThreadSet set_of(ThreadId thread) noexcept { return ThreadSet{1} << thread; }

/// The number of clock entries in use, so that an execution with few threads costs less. Multiples of 4, which one
/// instruction processes. Entries from `widest` on are zero in every clock.
struct ClockWidth {
  unsigned active = 16;  ///< of the running execution's threads
  unsigned widest = 16;  ///< of all executions of the process, not less than 16

  void begin_execution() noexcept { active = 4; }
  void add(ThreadId thread) noexcept {
    const unsigned needed = (thread | 3U) + 1;
    active = needed > active ? needed : active;
    widest = needed > widest ? needed : widest;
  }
};
extern constinit ClockWidth clock_width;  // NOLINT(bugprone-dynamic-static-initializers): constinit

/// One count per thread. Signed, because every x86-64 processor compares signed words in one instruction.
class VectorClock {
 public:
  using Count = std::int32_t;

  VectorClock() = default;
  VectorClock(const VectorClock&) = default;
  VectorClock& operator=(const VectorClock& other) noexcept {
    const unsigned width = clock_width.widest;
    for (unsigned i = 0; i < width; i += 4) {
      for (unsigned j = i; j < i + 4; ++j) counts_[j] = other.counts_[j];
    }
    return *this;
  }
  ~VectorClock() = default;

  void clear() noexcept {
    const unsigned width = clock_width.widest;
    for (unsigned i = 0; i < width; i += 4) {
      for (unsigned j = i; j < i + 4; ++j) counts_[j] = 0;
    }
  }
  void join(const VectorClock& other) noexcept {
    const unsigned width = clock_width.active;
    for (unsigned i = 0; i < width; i += 4) {
      for (unsigned j = i; j < i + 4; ++j) counts_[j] = other.counts_[j] > counts_[j] ? other.counts_[j] : counts_[j];
    }
  }
  void tick(ThreadId thread) noexcept { ++counts_[thread]; }
  [[nodiscard]] Count operator[](ThreadId thread) const noexcept { return counts_[thread]; }
  void set(ThreadId thread, Count count) noexcept { counts_[thread] = count; }

 private:
  alignas(16) std::array<Count, kMostThreads> counts_{};
};

}  // namespace racetrack::explore
