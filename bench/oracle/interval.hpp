// The time interval in which an operation may have taken effect.
#pragma once

#include <limits>

#include <racetrack/history.hpp>

namespace racetrack::oracle {

inline constexpr Ticks kNever = std::numeric_limits<Ticks>::max();

/// The interval in which an operation may have taken effect, including its ends. An operation that never happened
/// begins and ends at kNever; a pending one ends at kNever.
struct Interval {
  Ticks invoked = kNever;
  Ticks returned = kNever;
};

/// Returns the interval of the stamps, extended by the history's skew at both ends. Without stamps, it is all of time,
/// so that no operation precedes another.
inline Interval interval_of(const Operation& operation, const History& history) noexcept {
  Interval interval{0, kNever - 1};
  if (history.stamped) {
    interval.invoked = operation.invoked > history.skew ? operation.invoked - history.skew : 0;
    interval.returned = operation.returned < kNever - history.skew ? operation.returned + history.skew : kNever - 1;
  }
  if (operation.outcome == Outcome::pending) interval.returned = kNever;
  return interval;
}

/// Returns whether a ended before b began. Intervals that touch are unordered.
inline bool before(const Interval& a, const Interval& b) noexcept { return a.returned < b.invoked; }

}  // namespace racetrack::oracle
