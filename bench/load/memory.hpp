// How much memory this process uses.
#pragma once

#include <cstdint>

namespace racetrack::load {

/// Bytes resident now, and the most since the last reset (or since the start, where the kernel does not let us reset).
struct Memory {
  std::uint64_t resident = 0;
  std::uint64_t peak = 0;
};

Memory read_memory();
void reset_peak_memory();

}  // namespace racetrack::load
