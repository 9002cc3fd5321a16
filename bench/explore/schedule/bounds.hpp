// The bounds of a depth-first search, and how they are raised after each finished search.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "explore/schedule/untried.hpp"

namespace racetrack::explore {

/// Value of Bounds::preemptions that does not limit them.
inline constexpr unsigned kNoBound = 1000;

/// Limits of a depth-first search. Each except `reuse` and `steps` counts decisions of one execution.
struct Bounds {
  unsigned preemptions = kNoBound;
  unsigned spurious_failures = 0;
  unsigned time_outs = 0;     ///< time-outs that fire while another thread can run
  unsigned stale_reads = 3;   ///< in weak memory
  unsigned unfair_turns = 3;  ///< turns of a thread that yields, seems to spin, or has run very many steps in a row
  std::size_t steps = 2000;   ///< the search reorders only the first so many steps of an execution
  bool reuse = true;          ///< freed memory is reused

  /// Names the members of `untried` within these bounds, for the user. Preemptions are not named.
  [[nodiscard]] std::string describe(UntriedSet untried) const;
};

/// Iterative deepening: a sequence of searches. Each has wider bounds where the previous one left something out.
class Deepening {
 public:
  explicit Deepening(unsigned preemptions) { bounds_.preemptions = preemptions; }

  [[nodiscard]] const Bounds& bounds() const noexcept { return bounds_; }
  /// Records that an execution left this out.
  void add(UntriedSet untried) noexcept { untried_.add(untried); }
  void add(Untried kind) noexcept { untried_.add(kind); }
  /// The kinds that the searches within the current bounds left out.
  [[nodiscard]] UntriedSet untried() const noexcept { return untried_; }
  [[nodiscard]] std::string describe() const { return bounds_.describe(untried_); }
  /// Widens one bound that left something out: of those that can be raised, the one that has been raised least often.
  /// Returns false when none can be raised.
  bool deepen();

 private:
  bool raise(Untried kind);

  Bounds bounds_;
  UntriedSet untried_;
  std::array<unsigned, kUntriedKinds> raised_{};
};

}  // namespace racetrack::explore
