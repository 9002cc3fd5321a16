// Real-time priorities: the harness runs at a higher priority than the threads that it measures.
#pragma once

namespace racetrack::load {

/// Raises the calling thread, one of the harness's own, by one priority step. Under SCHED_FIFO or SCHED_RR (chrt), a
/// spinning thread otherwise keeps its processor from all threads of the same priority, and a watchdog would never run.
/// Without effect under other policies, or when the system refuses.
void rise_above_subjects() noexcept;

/// Lowers the calling thread, which inherited the harness's priority, by one step, before it runs the subject.
void step_back_to_subjects() noexcept;

}  // namespace racetrack::load
