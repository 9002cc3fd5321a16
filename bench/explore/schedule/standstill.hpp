// Ends of executions in which no thread can run or no thread makes progress.
#pragma once

#include <cstdint>
#include <string>

namespace racetrack::explore {

/// Ends the execution: no thread can run. Reports a deadlock when the waits have a cycle or lead to a thread that has
/// ended, otherwise a lost wakeup: no thread can give the signal that the waiters need. Reports a leak when the first
/// thread has ended.
[[noreturn]] void report_standstill();
/// Whether the first thread has ended and all remaining threads are detached. In a process, they end with it.
bool only_detached_threads_are_left();
/// Ends the execution without a failure.
[[noreturn]] void end_with_detached_threads();
/// Ends the execution: a thread has run for long without a step, and no other thread can run.
[[noreturn]] void report_lost();
/// Ends the execution at the limit of steps. This is a limit of the exploration, not a finding.
[[noreturn]] void report_too_long(std::uint32_t most_steps);
/// Describes the waiting threads and their reasons; empty when there is none. Sleeping threads are left out.
std::string describe_waiting_threads();

}  // namespace racetrack::explore
