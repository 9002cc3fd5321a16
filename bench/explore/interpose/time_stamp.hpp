// The processor's time stamp counter, which no symbol stands for: while schedules are explored, reading it traps (PR_SET_TSC, prctl(2)), and
// what an execution reads is virtual time. xenium draws its random numbers from it: without this its executions could not be repeated.
#pragma once

namespace racetrack::explore {

/// As long as one lives, rdtsc and rdtscp raise SIGSEGV in this thread. To begin and to end that takes microseconds: it is not for one execution.
/// Programs that are started meanwhile would inherit it.
class TrappedTimeStamps {
 public:
  TrappedTimeStamps() noexcept;
  ~TrappedTimeStamps();
  TrappedTimeStamps(const TrappedTimeStamps&) = delete;
  TrappedTimeStamps& operator=(const TrappedTimeStamps&) = delete;
};

/// As long as one lives, the counter can be read: a program that is started inherits that.
class ReadableTimeStamps {
 public:
  ReadableTimeStamps() noexcept;
  ~ReadableTimeStamps();
  ReadableTimeStamps(const ReadableTimeStamps&) = delete;
  ReadableTimeStamps& operator=(const ReadableTimeStamps&) = delete;
};

/// In the handler of SIGSEGV: true when it was such an instruction, and what it reads has been given to it.
bool answer_time_stamp(void* context) noexcept;

}  // namespace racetrack::explore
