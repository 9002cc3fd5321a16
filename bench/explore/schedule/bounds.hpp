// The bounds of a depth-first search, and how they are raised after each finished search.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "explore/schedule/untried.hpp"

namespace racetrack::explore {

/// Of preemptions: none.
inline constexpr unsigned kNoBound = 1000;

/// Each but `reuse` and `steps` counts decisions of one execution.
struct Bounds {
  unsigned preemptions = kNoBound;
  unsigned spurious_failures = 0;
  unsigned time_outs = 0;     ///< that fire while another thread can run
  unsigned stale_reads = 3;   ///< weak memory
  unsigned unfair_turns = 3;  ///< of a thread that yields, seems to spin, or has had very many steps in a row
  std::size_t steps = 2000;   ///< of which other orders are searched
  bool reuse = true;          ///< freed memory is handed out again

  /// Names the members of `untried` within these bounds, for a reader. More preemptions are left out.
  [[nodiscard]] std::string describe(UntriedSet untried) const;
};

/// Iterative deepening: a sequence of searches, each with wider bounds where the one before has left something out.
class Deepening {
 public:
  explicit Deepening(unsigned preemptions) { bounds_.preemptions = preemptions; }

  [[nodiscard]] const Bounds& bounds() const noexcept { return bounds_; }
  /// An execution has left this out.
  void add(UntriedSet untried) noexcept { untried_.add(untried); }
  void add(Untried kind) noexcept { untried_.add(kind); }
  /// The kinds that the searches within the present bounds have left out.
  [[nodiscard]] UntriedSet untried() const noexcept { return untried_; }
  [[nodiscard]] std::string describe() const { return bounds_.describe(untried_); }
  /// Widens one bound that has left something out: of those that can be raised, the one that has been raised least often. False: there is none.
  bool deepen();

 private:
  bool raise(Untried kind);

  Bounds bounds_;
  UntriedSet untried_;
  std::array<unsigned, kUntriedKinds> raised_{};
};

}  // namespace racetrack::explore
