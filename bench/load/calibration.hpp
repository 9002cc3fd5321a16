// Calibrates the clock on this machine.
#pragma once

#include <vector>

#include <racetrack/clock.hpp>

namespace racetrack::load {

/// Returns whether the time stamp counter runs at a constant rate in all processor states (or the clock is
/// CLOCK_MONOTONIC).
bool clock_is_invariant() noexcept;

/// Measures the rate of ticks() against CLOCK_MONOTONIC for about `milliseconds`, and the duration of a step of work().
Clock calibrate(double milliseconds = 50.0);

/// Returns a bound, in ticks, on the difference between the clocks of any two of `cpus`. It is derived from the
/// shortest round trips of a message between the first processor and each other one (Cristian, 1989), and includes the
/// time of such a message, about 100 ns. Returns 0 for one processor.
Ticks measure_skew(const std::vector<int>& cpus);

}  // namespace racetrack::load
