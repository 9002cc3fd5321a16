// When an operation may have taken effect.
#pragma once

#include <limits>

#include <racetrack/history.hpp>

namespace racetrack::oracle {

inline constexpr Ticks kNever = std::numeric_limits<Ticks>::max();

/// The moments at which an operation may have taken effect, ends included. An operation that never happened, or has not
/// returned, ends at kNever.
struct Interval {
  Ticks invoked = kNever;
  Ticks returned = kNever;
};

/// The stamps, wider by the history's skew on both sides. Without stamps all of time, so that nothing is before
/// anything.
inline Interval interval_of(const Operation& operation, const History& history) noexcept {
  Interval interval{0, kNever - 1};
  if (history.stamped) {
    interval.invoked = operation.invoked > history.skew ? operation.invoked - history.skew : 0;
    interval.returned = operation.returned < kNever - history.skew ? operation.returned + history.skew : kNever - 1;
  }
  if (operation.outcome == Outcome::pending) interval.returned = kNever;
  return interval;
}

/// a was over when b began. Intervals that touch are unordered.
inline bool before(const Interval& a, const Interval& b) noexcept { return a.returned < b.invoked; }

}  // namespace racetrack::oracle
