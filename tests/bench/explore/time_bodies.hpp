// Bodies whose threads wait with deadlines, sleep, or read the clock. Instrumented.
#pragma once

#include <chrono>
#include <cstdint>

namespace bodies {

/// A small program generated from `number`: two threads that wait on a condition variable, for a lock or a future, or
/// sleep, each with time-outs of one length. It aborts after some orders of their steps.
void waits_as_drawn(std::uint64_t number, std::chrono::nanoseconds length);
/// A waiter gives up after a time-out, and frees a request that its server still writes to.
void abandons_a_request(std::chrono::nanoseconds length);
/// A sleeper wakes before another thread has done its only step.
void sleeps_less_than_a_step(std::chrono::nanoseconds length);
/// Aborts when a thread that sleeps a second wakes before one that sleeps a millisecond has passed its deadline by the
/// clock.
void sleeps_in_order();

/// Loops until a deadline by the clock, with and without a change in each iteration, while another thread sleeps.
void polls_the_clock();
void polls_the_clock_and_counts();
/// Waits with the latest possible deadline for a notification that comes, or does not.
void waits_for_ever_and_is_notified();
void waits_for_ever();
/// Waits with a deadline before 1970.
void waits_until_long_ago();
/// One thread counts until another, which sleeps a second, stops it.
void counts_until_stopped();

}  // namespace bodies
