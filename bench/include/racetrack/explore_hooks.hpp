// Excludes the harness's own code from exploration. In builds other than `explore`, these declarations do nothing.
//
// Probes, clocks and stop flags of the harness are compiled into the plugin and therefore instrumented like the
// subject. In the explore flavour, code between leave and return creates no scheduling points and no races, and its
// allocations do not count as the subject's.
#pragma once

#include <cstdint>

#if defined(RACETRACK_EXPLORED)
extern "C" {
/// Ends instrumentation of the calling thread until racetrack_explore_return(). Calls nest.
void racetrack_explore_leave() noexcept;
/// Ends the exclusion that the last racetrack_explore_leave() of this thread began.
void racetrack_explore_return() noexcept;
/// Returns a number greater than all earlier ones. Executions run one thread at a time, so these numbers order all
/// operations. `response` states whether an operation ends (true) or begins (false).
std::uint64_t racetrack_explore_stamp(bool response) noexcept;
/// Yields between two tries of a loop that waits for other threads. Variables that the caller has changed since its
/// last call, such as a count of failed tries, must influence neither the loop nor the subject. When a thread is here
/// again and the subject's memory is unchanged, the explorer concludes that it has made no progress. A part of the
/// subject that the compiler keeps in the caller's registers, such as a small handle, is not compared.
void racetrack_explore_retry() noexcept;
/// Returns the virtual time since the execution began, in nanoseconds.
std::uint64_t racetrack_explore_nanoseconds() noexcept;
}
#endif

// For functions that call racetrack_explore_retry(): it distinguishes loops by the address of the call.
#if defined(RACETRACK_EXPLORED)
#define RACETRACK_INLINED_IF_EXPLORED [[gnu::always_inline]]
#else
#define RACETRACK_INLINED_IF_EXPLORED
#endif

namespace racetrack {

/// While an object of this class exists, the explorer treats the calling thread's accesses as the harness's, not as the
/// subject's. Outside the explore flavour it does nothing.
class [[maybe_unused]] Unwatched {
 public:
#if defined(RACETRACK_EXPLORED)
  Unwatched() noexcept { racetrack_explore_leave(); }
  ~Unwatched() { racetrack_explore_return(); }
#else
  Unwatched() noexcept = default;
#endif
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
};

}  // namespace racetrack
