// Properties of the processor and the compiler.
#pragma once

#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// Marks a function with a timed loop. The compiler inlines every call in it that it can, as in a loop that is written
/// for one subject alone. Without the attribute, g++ decides by size and by the number of callers, and emits a call per
/// item in a template that several workloads share. The function itself is not inlined: in a caller with other code,
/// g++ runs out of registers and emits calls again. It is not cloned either, because g++ 12 inlines nothing into
/// clones.
#if defined(RACETRACK_EXPLORED) || defined(__SANITIZE_THREAD__)
#define RACETRACK_HOT
#elif defined(__clang__)
#define RACETRACK_HOT [[gnu::flatten, gnu::noinline]]
#else
#define RACETRACK_HOT [[gnu::flatten, gnu::noinline, gnu::noclone]]
#endif

namespace racetrack {

/// Alignment in bytes that keeps fields of different threads on separate cache lines. It is two 64-byte lines, because
/// the adjacent-line prefetcher of x86 fetches pairs (std::hardware_destructive_interference_size is 64).
inline constexpr std::size_t kApart = 128;

/// Hints to the processor that this is a spin loop. Orders no memory accesses.
inline void relax_cpu() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace racetrack
