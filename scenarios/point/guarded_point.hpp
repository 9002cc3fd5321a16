// A Point behind a lock: the lecture's second Point, over any lock.
#pragma once

#include <mutex>

#include <racetrack/point/contract.hpp>

/// Holds `Mutex` for as long as a set or a get takes. Write and Read are the guards that take it: made from the mutex, released
/// at the end of their scope. One guard for both: readers are alone. Blocking, as the lock is. All accesses are ordered by
/// the lock, so the coordinates themselves are plain.
template <class Mutex, class Write = std::lock_guard<Mutex>, class Read = Write>
class GuardedPoint {
 public:
  void set(racetrack::point::Coordinate x, racetrack::point::Coordinate y) {
    const Write guard(mutex_);
    x_ = x;
    y_ = y;
  }
  racetrack::point::Coordinates get() {
    const Read guard(mutex_);
    return {x_, y_};
  }

 private:
  Mutex mutex_;
  racetrack::point::Coordinate x_ = 0, y_ = 0;
};
