// Expectations that many scenarios share.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <racetrack/verdict.hpp>

namespace racetrack {

/// Of a program that can deadlock: the wait-for graph and the explorer see that it does, the order of its locks says that
/// it could, and the watchdog sees that it stands still.
inline Expectation expect_deadlock(std::uint32_t per_runs = 1) {
  return {{.detector = "lock_graph", .kind = "deadlock", .grade = Grade::must, .per_runs = per_runs},
          {.detector = "explore*", .kind = "deadlock", .grade = Grade::must},
          {.detector = "lock_graph", .kind = "potential_deadlock", .grade = Grade::may},
          {.detector = "tsan", .kind = "potential_deadlock", .grade = Grade::may},
          {.detector = "watchdog", .kind = "*", .grade = Grade::may}};
}

/// Of a program whose threads can all sleep on conditions that nobody will signal any more.
inline Expectation expect_lost_wakeup(std::uint32_t per_runs = 1) {
  return {{.detector = "*", .kind = "lost_wakeup", .grade = Grade::must, .per_runs = per_runs},
          {.detector = "explore*", .kind = "deadlock", .grade = Grade::may},
          {.detector = "watchdog", .kind = "hang", .grade = Grade::may}};
}

/// Of a program with a data race that does no visible harm where the processor keeps stores in order.
inline Expectation expect_race() {
  return {{.detector = "tsan", .kind = "race", .grade = Grade::must},
          {.detector = "explore*", .kind = "race", .grade = Grade::must}};
}

/// Of a program that breaks what an oracle checks, so that this oracle must see it. Others may see what follows from it.
inline Expectation expect_fault(std::string detector, std::string kind, std::uint32_t per_runs = 1) {
  return {{.detector = std::move(detector), .kind = std::move(kind), .grade = Grade::must, .per_runs = per_runs},
          {.detector = "oracle.*", .kind = "*", .grade = Grade::may},
          {.detector = "explore*", .kind = "*", .grade = Grade::may}};
}

}  // namespace racetrack
