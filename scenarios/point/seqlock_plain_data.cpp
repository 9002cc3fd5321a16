// The seqlock as found in many code bases: the coordinates are plain, "because the sequence number protects them". A
// reader reads them while a writer writes: a data race, even if the reader discards the values. Without Boehm's fences
// (see seqlock.hpp) the second load of the number may also come before the reads, so that a torn pair is accepted.
#include <atomic>
#include <cstdint>

#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>

#include "backoff.hpp"

namespace {

using racetrack::point::Coordinate;
using racetrack::point::Coordinates;

class PlainDataPoint {
 public:
  void set(Coordinate x, Coordinate y) {
    Backoff backoff;
    std::uint64_t sequence = sequence_.load(std::memory_order_relaxed);
    while (sequence % 2 != 0 || !sequence_.compare_exchange_weak(sequence, sequence + 1, std::memory_order_acquire,
                                                                 std::memory_order_relaxed)) {
      backoff.wait();
      sequence = sequence_.load(std::memory_order_relaxed);
    }
    x_ = x;
    y_ = y;
    sequence_.store(sequence + 2, std::memory_order_release);
  }
  Coordinates get() const {
    Backoff backoff;
    for (;;) {
      const std::uint64_t before = sequence_.load(std::memory_order_acquire);
      const Coordinates read{x_, y_};
      const std::uint64_t after = sequence_.load(std::memory_order_acquire);
      if (before == after && before % 2 == 0) return read;
      backoff.wait();
    }
  }

 private:
  std::atomic<std::uint64_t> sequence_{0};
  Coordinate x_ = 0, y_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  racetrack::Expectation expectation = racetrack::expect_race();
  expectation.push_back({.detector = "*", .kind = "torn", .grade = racetrack::Grade::may});
  registry.add<racetrack::point::Family, PlainDataPoint>("seqlock_plain_data",
                                                         {.lock = "sequence", .readers = racetrack::point::optimistic},
                                                         expectation, racetrack::Standing::control);
}
