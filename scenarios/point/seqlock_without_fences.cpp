// The seqlock with relaxed coordinates, hence without a data race, but also without Boehm's fences (see seqlock.hpp).
// Nothing keeps the writer's stores behind the odd number, nor the reader's second load of the number behind its reads.
// So a torn pair is accepted.
#include <atomic>
#include <cstdint>

#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>

#include "backoff.hpp"

namespace {

using racetrack::point::Coordinate;
using racetrack::point::Coordinates;

class UnfencedPoint {
 public:
  void set(Coordinate x, Coordinate y) noexcept {
    Backoff backoff;
    std::uint64_t sequence = sequence_.load(std::memory_order_relaxed);
    while (sequence % 2 != 0 || !sequence_.compare_exchange_weak(sequence, sequence + 1, std::memory_order_acquire,
                                                                 std::memory_order_relaxed)) {
      backoff.wait();
      sequence = sequence_.load(std::memory_order_relaxed);
    }
    x_.store(x, std::memory_order_relaxed);
    y_.store(y, std::memory_order_relaxed);
    sequence_.store(sequence + 2, std::memory_order_release);
  }
  Coordinates get() const noexcept {
    Backoff backoff;
    for (;;) {
      const std::uint64_t before = sequence_.load(std::memory_order_acquire);
      const Coordinates read{x_.load(std::memory_order_relaxed), y_.load(std::memory_order_relaxed)};
      const std::uint64_t after = sequence_.load(std::memory_order_acquire);
      if (before == after && before % 2 == 0) return read;
      backoff.wait();
    }
  }

 private:
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<Coordinate> x_{0}, y_{0};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  const racetrack::Expectation expectation{
      {.detector = "explorer.weak", .kind = "torn", .grade = racetrack::Grade::must},
      {.detector = "oracle.*", .kind = "torn", .grade = racetrack::Grade::may}};  // on machines other than x86
  registry.add<racetrack::point::Family, UnfencedPoint>("seqlock_without_fences",
                                                        {.lock = "sequence", .readers = racetrack::point::optimistic},
                                                        expectation, racetrack::Standing::control);
}
