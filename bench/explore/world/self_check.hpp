// Checks that the world is the same at the beginning of each execution. Compares checksums of all memory that an
// execution can change and that is not allocated anew, and names the parts that differ: the explorer does not control
// these.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explore/world/snapshot.hpp"

namespace racetrack::explore {

class SelfCheck {
 public:
  constexpr SelfCheck() = default;

  /// Finds the process's writable memory. `left_out`: the explorer's memory, and memory that each execution gets anew.
  void begin(const std::vector<Span>& left_out);
  /// Called at the beginning of an execution, after its world has been restored. Costs a pass over the memory, so it
  /// checks only executions 1, 2, 4, 8, ... of a session. Adds a note for each part that differs from the first
  /// execution.
  void begin_execution();

 private:
  struct Part {
    Span span;
    std::string name;  ///< file of the mapping, or its name in the kernel
    std::uint64_t checksum = 0;
  };
  std::vector<Part> parts_;
  std::uint64_t executions_ = 0;
};

}  // namespace racetrack::explore
