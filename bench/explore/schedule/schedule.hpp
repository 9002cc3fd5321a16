// A schedule as the list of its departures from the default rule: a thread runs until it blocks, then the next one
// runs.
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

/// At its `point`-th own scheduling point, `thread` departs from the default: thread `choice` runs next, or the
/// time-out of `choice` fires when that thread is blocked. At other points `choice` selects the one of several waiters
/// that is woken, a spurious failure, or a store that `choice` newer ones have followed. The points of each thread are
/// counted separately, so a departure keeps its meaning when another one is removed.
struct Departure {
  ThreadId thread = 0;
  std::uint8_t choice = 0;
  std::uint32_t point = 0;
  bool operator==(const Departure&) const = default;
};

struct Schedule {
  Memory memory = Memory::sequential;
  bool reuse = true;  ///< of freed memory
  bool slow = false;  ///< slow machine: a step takes a millisecond
  static constexpr std::uint8_t kMostSpuriousFailures = 35;
  std::uint8_t spurious_failures = 0;  ///< upper limit; 0: not a choice of this execution
  Fill fill = Fill::pattern;           ///< of new blocks
  std::uint32_t entropy = 0;           ///< seed of random devices and of random memory; 0 where the execution used none
  std::vector<Departure> departures;   ///< in the order of the execution
  bool plain_steps = false;            ///< plain accesses are scheduling points, and races are not reported
  std::uint32_t races_passed = 0;      ///< races of the execution that were not reported
  bool operator==(const Schedule&) const = default;

  /// Letters, digits, '-', '_' and '+' only.
  [[nodiscard]] std::string text() const;
  /// Returns nothing for a text that text() did not write, or that is truncated.
  static std::optional<Schedule> parse(std::string_view text);
};

}  // namespace racetrack::explore
