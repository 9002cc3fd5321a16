// Both coordinates in one atomic value of 16 bytes.
//
//   std_atomic_128   std::atomic of the pair. g++ calls libatomic for it, which reports that it is not lock-free. The
//                    trait holds the result of is_lock_free() on this machine.
//   cmpxchg16b       uses the instruction itself. Lock-free. A read is a compare-exchange too, so readers contend for
//                    the cache line as writers do.
#include <atomic>

#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>
#include <racetrack/standard_library.hpp>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

using racetrack::point::Coordinate;

/// Aligned to its size, as the instruction requires.
struct alignas(16) Pair : racetrack::point::Coordinates {};

class StdAtomic128Point {
 public:
  void set(Coordinate x, Coordinate y) noexcept {
    both_.store({{x, y}}, std::memory_order_release);  // release, acquire: as with a lock, see packed_atomic.cpp
  }
  Pair get() const noexcept { return both_.load(std::memory_order_acquire); }

  static bool is_lock_free() noexcept { return std::atomic<Pair>{}.is_lock_free(); }

 private:
  std::atomic<Pair> both_{};
};

#if defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16)

__extension__ using Word = unsigned __int128;

/// g++ does not inline a 16-byte std::atomic even with -mcx16. It does inline the older __sync builtins, which are full
/// barriers.
class Cmpxchg16bPoint {
 public:
  void set(Coordinate x, Coordinate y) noexcept {
    const Word wanted = static_cast<Word>(static_cast<std::uint64_t>(y)) << 64 | static_cast<std::uint64_t>(x);
    Word seen = 0;  // a guess that the first attempt corrects
    for (;;) {
      const Word found = __sync_val_compare_and_swap(&both_, seen, wanted);
      if (found == seen) return;
      seen = found;
    }
  }
  racetrack::point::Coordinates get() noexcept {
    const Word found = __sync_val_compare_and_swap(&both_, Word{0}, Word{0});  // writes 0 over 0, or nothing
    return {static_cast<Coordinate>(static_cast<std::uint64_t>(found)),
            static_cast<Coordinate>(static_cast<std::uint64_t>(found >> 64))};
  }

 private:
  alignas(16) Word both_ = 0;
};

bool processor_has_cmpxchg16b() noexcept {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_CMPXCHG16B) != 0;
}

#endif

}  // namespace

RACETRACK_PLUGIN(registry) {
  namespace point = racetrack::point;
  const racetrack::Progress progress = StdAtomic128Point::is_lock_free() ? point::lock_free : point::blocking;
  registry.add<point::Family, StdAtomic128Point>(
      "std_atomic_128", {.library = racetrack::standard_library(), .lock = "atomic", .progress = progress});
#if defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16)
  if (processor_has_cmpxchg16b()) {
    registry.add<point::Family, Cmpxchg16bPoint>("cmpxchg16b", {.lock = "atomic", .progress = point::lock_free});
  }
#endif
}
