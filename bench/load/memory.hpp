// The memory of this process.
#pragma once

#include <cstdint>

namespace racetrack::load {

/// The resident memory in bytes: the current value, and the peak since the last reset (since the start, where the
/// kernel does not permit a reset).
struct Memory {
  std::uint64_t resident = 0;
  std::uint64_t peak = 0;
};

/// Reads the values from /proc.
Memory read_memory();
/// Resets the peak to the current value. Without effect where the kernel does not permit it.
void reset_peak_memory();

}  // namespace racetrack::load
