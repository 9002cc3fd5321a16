// Two coordinates of 32 bits in one atomic word of 64 bits: no lock, for users whose coordinates fit in 32 bits.
#include <atomic>
#include <cstdint>

#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>
#include <racetrack/standard_library.hpp>

namespace {

using SmallCoordinate = std::int32_t;
/// Aligned to its size, so that std::atomic is one word.
struct alignas(8) SmallCoordinates : racetrack::point::BasicCoordinates<SmallCoordinate> {};

/// Wait-free: one store, one load.
class PackedPoint {
 public:
  void set(SmallCoordinate x, SmallCoordinate y) noexcept {
    // release, acquire: as with a lock, all work before a set is visible after a get of its value.
    both_.store({{x, y}}, std::memory_order_release);
  }
  SmallCoordinates get() const noexcept { return both_.load(std::memory_order_acquire); }

 private:
  std::atomic<SmallCoordinates> both_{};
  static_assert(decltype(both_)::is_always_lock_free);
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::point::Family, PackedPoint>("packed_atomic", {.library = racetrack::standard_library(),
                                                                        .lock = "atomic",
                                                                        .readers = racetrack::point::together,
                                                                        .progress = racetrack::point::wait_free});
}
