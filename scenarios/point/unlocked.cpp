// The lecture's Point: two plain attributes, set one after the other. A reader in between gets the new x with the old
// y. In C++ this is also a data race, hence undefined behaviour.
//
// Coordinates have 64 bits. g++ and clang merge two neighbours of 32 bits into one store and one load, so a reader
// never gets the halves of such a Point, although the race is the same.
#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>

namespace {

using racetrack::point::Coordinate;
using racetrack::point::Coordinates;

class UnlockedPoint {
 public:
  void set(Coordinate x, Coordinate y) {
    x_ = x;
    y_ = y;
  }
  Coordinates get() const { return {x_, y_}; }

 private:
  Coordinate x_ = 0, y_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  registry.add<racetrack::point::Family, UnlockedPoint>(
      "unlocked", {.readers = racetrack::point::optimistic, .progress = racetrack::point::wait_free},
      {{.detector = "oracle.torn", .kind = "torn", .grade = Grade::may},
       {.detector = "oracle.*", .kind = "*", .grade = Grade::may},
       {.detector = "tsan", .kind = "race", .grade = Grade::must},
       {.detector = "explore*", .kind = "race", .grade = Grade::must},
       {.detector = "explore*", .kind = "torn", .grade = Grade::may}});
}
