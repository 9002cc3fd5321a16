// Expectations that several scenarios share.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <racetrack/verdict.hpp>

namespace racetrack {

/// The expectation for a program that can deadlock. The wait-for graph (at least once in `per_runs` runs) and the
/// explorer must report the deadlock. The lock-order detectors may report a potential deadlock, and the watchdog may
/// report a hang.
inline Expectation expect_deadlock(std::uint32_t per_runs = 1) {
  return {{.detector = "lock_graph", .kind = "deadlock", .grade = Grade::must, .per_runs = per_runs},
          {.detector = "explore*", .kind = "deadlock", .grade = Grade::must},
          {.detector = "lock_graph", .kind = "potential_deadlock", .grade = Grade::may},
          {.detector = "tsan", .kind = "potential_deadlock", .grade = Grade::may},
          {.detector = "watchdog", .kind = "*", .grade = Grade::may}};
}

/// The expectation for a program whose threads can all sleep on conditions that no thread will signal. The explorer
/// must find the lost wakeup in each run. Some detector must find it at least once in `per_runs` runs.
inline Expectation expect_lost_wakeup(std::uint32_t per_runs = 1) {
  return {{.detector = "explore*", .kind = "lost_wakeup", .grade = Grade::must},
          {.detector = "*", .kind = "lost_wakeup", .grade = Grade::must, .per_runs = per_runs},
          {.detector = "explore*", .kind = "deadlock", .grade = Grade::may},
          {.detector = "watchdog", .kind = "hang", .grade = Grade::may}};
}

/// The expectation for a program with a data race that is harmless where the processor keeps stores in order.
/// ThreadSanitizer and the explorer must report it.
inline Expectation expect_race() {
  return {{.detector = "tsan", .kind = "race", .grade = Grade::must},
          {.detector = "explore*", .kind = "race", .grade = Grade::must}};
}

/// The expectation for a program that violates the property of an oracle. `detector` must report `kind` at least once
/// in `per_runs` runs. Other oracles and the explorer may report the consequences.
inline Expectation expect_fault(std::string detector, std::string kind, std::uint32_t per_runs = 1) {
  return {{.detector = std::move(detector), .kind = std::move(kind), .grade = Grade::must, .per_runs = per_runs},
          {.detector = "oracle.*", .kind = "*", .grade = Grade::may},
          {.detector = "explore*", .kind = "*", .grade = Grade::may}};
}

}  // namespace racetrack
