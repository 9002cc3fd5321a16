// What the clock is worth on this machine.
#pragma once

#include <vector>

#include <racetrack/clock.hpp>

namespace racetrack::load {

/// The time stamp counter runs at a constant rate in all states of the processor (or the clock is CLOCK_MONOTONIC).
bool clock_is_invariant() noexcept;

/// Measures the rate of ticks() against CLOCK_MONOTONIC for about `milliseconds`, and the length of a step of work().
Clock calibrate(double milliseconds = 50.0);

/// A bound on how far the clocks of any two of `cpus` are apart, in ticks: from the smallest round trips of a message
/// between the first and each other (Cristian, 1989). Includes the time of such a message, about 100 ns. 0 for one CPU.
Ticks measure_skew(const std::vector<int>& cpus);

}  // namespace racetrack::load
