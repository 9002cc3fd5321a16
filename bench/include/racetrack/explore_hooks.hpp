// How the harness steps out of the explorer's sight. In every other build there is nothing to step out of.
//
// Probes, clocks and claims of the harness are compiled into the plugin, and so are instrumented like the subject. In the explore flavour
// what they do between leave and return makes no scheduling points and no races, and memory they allocate is not the subject's.
#pragma once

#include <cstdint>

#if defined(RACETRACK_EXPLORED)
extern "C" {
void racetrack_explore_leave() noexcept;
void racetrack_explore_return() noexcept;
/// A number greater than all before: executions are serial, so these order everything. Of an operation's begin, or of its end.
std::uint64_t racetrack_explore_stamp(bool response) noexcept;
/// Virtual time, from the execution's beginning.
std::uint64_t racetrack_explore_nanoseconds() noexcept;
}
#endif

namespace racetrack {

/// For its lifetime the thread is the harness's, not the subject's.
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
