// The seqlock: readers get whole points, never an older one than before; writers exclude each other.
#include "seqlock.hpp"

#include <thread>

#include <racetrack/explore.hpp>

namespace {

using racetrack::point::Coordinate;
using racetrack::point::Coordinates;

/// The x of a point whose coordinates must be equal.
Coordinate whole(const SeqlockPoint& point) {
  const Coordinates read = point.get();
  racetrack::check(read.x == read.y, "a point is whole");
  return read.x;
}

}  // namespace

RACETRACK_EXPLORE(one_writes_and_one_reads) {
  SeqlockPoint point;
  std::thread writer([&] {
    point.set(1, 1);
    point.set(2, 2);
  });
  const Coordinate first = whole(point), second = whole(point);
  racetrack::check(first <= second, "points do not grow older");
  writer.join();
  racetrack::check(whole(point) == 2, "the last point stays");
}

RACETRACK_EXPLORE(two_write_and_one_reads) {
  SeqlockPoint point;
  std::thread one([&] { point.set(1, 1); }), other([&] { point.set(2, 2); });
  whole(point);
  const Coordinate before = whole(point);
  one.join();
  other.join();
  const Coordinate last = whole(point);
  racetrack::check(last != 0 && (before == 0 || last == before || last + before == 3), "one of both was the last");
}

RACETRACK_EXPLORE(a_writer_reads_its_own_point) {
  SeqlockPoint point;
  std::thread other([&] {
    point.set(2, 2);
    racetrack::check(whole(point) != 0, "the previous point is no longer read");
  });
  point.set(1, 1);
  racetrack::check(whole(point) != 0, "the previous point is no longer read");
  other.join();
}
