// Nobody can go on, or everybody goes on for ever.
#pragma once

#include <cstdint>
#include <string>

namespace racetrack::explore {

/// Ends the execution: no thread can run. A deadlock when the waits have a cycle or lead to a thread that has ended, else a lost
/// wakeup: whoever waits, waits for a signal that nobody is left to give. A leak when the first thread has ended.
[[noreturn]] void report_standstill();
/// The first thread has ended, and all threads that have not are detached: in a process, they end with it.
bool only_detached_threads_are_left();
/// Ends the execution without a failure.
[[noreturn]] void end_with_detached_threads();
/// Ends the execution: a thread has been at work for long without a step, and no other thread can run.
[[noreturn]] void report_lost();
/// Ends the execution, which has had more steps than it may: no failure, but a limit of the exploration.
[[noreturn]] void report_too_long(std::uint32_t most_steps);
/// The threads that can not run, and their reasons; empty when there is none.
std::string describe_waiting_threads();

}  // namespace racetrack::explore
