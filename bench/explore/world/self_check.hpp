// Is the world really the same at the beginning of each execution? Compares checksums of all memory that an execution can change and finds again,
// and names what differs: that is memory which the explorer does not control.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explore/world/snapshot.hpp"

namespace racetrack::explore {

class SelfCheck {
 public:
  constexpr SelfCheck() = default;

  /// Looks up the process's writable memory. `left_out`: what is the explorer's, or is made anew in each execution.
  void begin(const std::vector<Span>& left_out);
  /// At the beginning of an execution, when its world has been restored. Costs a pass over the memory, so only the 1st, 2nd, 4th, 8th, ... execution
  /// of a session is checked. Adds a note for what differs from the first.
  void begin_execution();

 private:
  struct Part {
    Span span;
    std::string name;  ///< of the file, or as the kernel calls the mapping
    std::uint64_t checksum = 0;
  };
  std::vector<Part> parts_;
  std::uint64_t executions_ = 0;
};

}  // namespace racetrack::explore
