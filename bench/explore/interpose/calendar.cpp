// localtime, mktime and similar functions. libc protects the time zone with a lock that the explorer does not control,
// and calls functions with scheduling points while it holds the lock. A second thread would block in that lock, so
// these calls are atomic steps.
#include <ctime>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

using namespace racetrack::explore;

#define RACETRACK_UNDIVIDED(result, name, parameters, ...)                               \
  RACETRACK_INTERPOSED result name parameters noexcept {                                 \
    static const auto next = reinterpret_cast<result(*) parameters>(next_symbol(#name)); \
    if (!runtime.watching) return next(__VA_ARGS__);                                     \
    const ExplorerScope explorer_scope;                                                  \
    return next(__VA_ARGS__);                                                            \
  }

RACETRACK_UNDIVIDED(tm*, localtime, (const time_t* time), time)
RACETRACK_UNDIVIDED(tm*, localtime_r, (const time_t* __restrict time, tm* __restrict into), time, into)
RACETRACK_UNDIVIDED(tm*, gmtime, (const time_t* time), time)
RACETRACK_UNDIVIDED(tm*, gmtime_r, (const time_t* __restrict time, tm* __restrict into), time, into)
RACETRACK_UNDIVIDED(time_t, mktime, (tm * time), time)
RACETRACK_UNDIVIDED(time_t, timegm, (tm * time), time)
RACETRACK_UNDIVIDED(time_t, timelocal, (tm * time), time)
RACETRACK_UNDIVIDED(char*, ctime, (const time_t* time), time)
RACETRACK_UNDIVIDED(char*, ctime_r, (const time_t* time, char* into), time, into)
RACETRACK_UNDIVIDED(void, tzset, (), )
RACETRACK_UNDIVIDED(std::size_t, strftime,
                    (char* __restrict into, std::size_t size, const char* __restrict format, const tm* __restrict time),
                    into, size, format, time)
#undef RACETRACK_UNDIVIDED
