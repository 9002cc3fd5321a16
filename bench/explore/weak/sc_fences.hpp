// The seq_cst fences of an execution, in the order S of all seq_cst operations, which is the order of execution.
#pragma once

#include <cstdint>
#include <vector>

#include "explore/happens_before/vector_clock.hpp"

namespace racetrack::explore {

/// Fences are numbered from 1.
class ScFences {
 public:
  void clear() noexcept { fences_.clear(); }
  /// Adds a fence of `thread`. `clock` has acquired, and has not ticked for the release yet.
  void add(ThreadId thread, const VectorClock& clock) {
    VectorClock known = clock;
    if (!fences_.empty()) known.join(fences_.back().known);
    fences_.push_back({thread, clock[thread], known});
  }
  [[nodiscard]] std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(fences_.size()); }
  /// The number of the latest fence that happens before the owner of `clock`; 0: none does. A thread's own fence ends
  /// the current count of its clock, so that this count identifies the fence.
  [[nodiscard]] std::uint32_t latest_known(const VectorClock& clock) const noexcept {
    std::uint32_t number = count();
    while (number != 0 && fences_[number - 1].count > clock[fences_[number - 1].thread]) --number;
    return number;
  }
  /// The clock of everything that happens before any of the first `number` (1 or more) fences.
  [[nodiscard]] const VectorClock& known(std::uint32_t number) const noexcept { return fences_[number - 1].known; }

 private:
  struct Fence {
    ThreadId thread;
    VectorClock::Count count;  ///< its thread's own count
    VectorClock known;
  };
  std::vector<Fence> fences_;
};

}  // namespace racetrack::explore
