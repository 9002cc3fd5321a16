// Facts of the processor that everything else builds on.
#pragma once

#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace racetrack {

/// Bytes that keep fields of different threads apart: two 64-byte lines, because the adjacent-line
/// prefetcher of x86 fetches pairs (std::hardware_destructive_interference_size says 64).
inline constexpr std::size_t kApart = 128;

/// Tells the processor that this is a spin loop. Orders nothing.
inline void relax_cpu() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace racetrack
