// A schedule as the points where it departs from the usual: a thread goes on until it is blocked, then the next one does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explore/happens_before/vector_clock.hpp"
#include "explore/weak/memory_mode.hpp"
#include "explore/world/fill.hpp"

namespace racetrack::explore {

/// At its `point`-th own scheduling point, `thread` does not do what is usual: thread `choice` runs next, or its time-out fires when it is
/// blocked; or it wakes that one of several waiters, fails spuriously, or reads the store that `choice` newer ones have followed. Counting
/// each thread's own points, not everybody's, keeps a departure meaningful when another one is taken out.
struct Departure {
  ThreadId thread = 0;
  std::uint8_t choice = 0;
  std::uint32_t point = 0;
  bool operator==(const Departure&) const = default;
};

struct Schedule {
  Memory memory = Memory::sequential;
  bool reuse = true;  ///< of freed memory
  bool slow = false;  ///< the machine: a step takes a millisecond
  static constexpr std::uint8_t kMostSpuriousFailures = 35;
  std::uint8_t spurious_failures = 0;  ///< at most so many; 0: not a choice of this execution
  Fill fill = Fill::pattern;           ///< of new blocks
  std::uint32_t entropy = 0;           ///< seed of random devices and of random memory; 0 where the execution used none
  std::vector<Departure> departures;   ///< in the order in which they happened
  bool plain_steps = false;            ///< plain accesses are scheduling points, and races are not reported
  std::uint32_t races_passed = 0;      ///< races that the execution has had before it ended, and that were not reported
  bool operator==(const Schedule&) const = default;

  /// Letters, digits, '-', '_' and '+' only.
  [[nodiscard]] std::string text() const;
  /// Nothing for what text() did not write, or wrote and was cut short.
  static std::optional<Schedule> parse(std::string_view text);
};

}  // namespace racetrack::explore
