// A Point behind a lock: the lecture's second Point, for any lock.
#pragma once

#include <mutex>

#include <racetrack/point/contract.hpp>

/// set and get hold `Mutex` while they run. Write and Read are guards: constructed from the mutex, they release it at
/// the end of their scope. With one guard for both, readers exclude each other. Blocking, as the lock is. The lock
/// orders all accesses, so the coordinates are plain.
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
