// Nobody can go on, or everybody goes on for ever.
#pragma once

#include <cstdint>

namespace racetrack::explore {

/// Ends the execution: no thread can run. A deadlock when the waits have a cycle or lead to a thread that has ended, else a lost
/// wakeup: whoever waits, waits for a signal that nobody is left to give. A leak when the first thread has ended.
[[noreturn]] void report_standstill();
/// Ends the execution: its threads go on and on.
[[noreturn]] void report_endless(std::uint32_t steps);

}  // namespace racetrack::explore
