// The processor's time stamp counter, which no function call reads. While schedules are explored, reading it traps
// (PR_SET_TSC, prctl(2)), and an execution gets the virtual time. xenium draws its random numbers from the counter, so
// its executions could not be repeated otherwise.
#pragma once

#include <vector>

#include "explore/world/snapshot.hpp"

namespace racetrack::explore {

/// While one exists, rdtsc and rdtscp raise SIGSEGV in this thread. Construction and destruction take microseconds, so
/// it is for many executions. Programs that are started in that time inherit the setting.
class TrappedTimeStamps {
 public:
  TrappedTimeStamps() noexcept;
  ~TrappedTimeStamps();
  TrappedTimeStamps(const TrappedTimeStamps&) = delete;
  TrappedTimeStamps& operator=(const TrappedTimeStamps&) = delete;
};

/// While one exists, the counter can be read, also by a program that is started.
class ReadableTimeStamps {
 public:
  ReadableTimeStamps() noexcept;
  ~ReadableTimeStamps();
  ReadableTimeStamps(const ReadableTimeStamps&) = delete;
  ReadableTimeStamps& operator=(const ReadableTimeStamps&) = delete;
};

/// Whether rdtsc traps where the system has been asked for that: some virtual machines accept the request and let the
/// instruction read the counter. Known once a TrappedTimeStamps has begun.
bool time_stamps_trap() noexcept;
/// Whether the code contains rdtsc or rdtscp, as a compiler emits them. Constants between functions may look like one.
bool reads_time_stamps(const std::vector<Span>& code);

inline constexpr const char* kUntrappedTimeStamps =
    "not controlled: the time stamp counter, where the program reads it by rdtsc: this system does not trap that";

/// For the handler of SIGSEGV: if the instruction reads the time stamp counter, emulates it and returns true.
bool answer_time_stamp(void* context) noexcept;

}  // namespace racetrack::explore
