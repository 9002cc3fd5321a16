// Which memory of the process belongs to which module, and what of it an execution must find as it was.
#pragma once

#include <string>
#include <vector>

#include "explore/world/snapshot.hpp"

namespace racetrack::explore {

struct Modules {
  std::vector<Span> subject;  ///< variables of the module under test, less the explorer's own state
  std::vector<Span> others;   ///< of the libraries that are neither standard nor the executable
  std::vector<Span>
      standard;           ///< of libc, libstdc++ and their kin; the dynamic loader is left out: it keeps what it loads
  std::vector<Span> own;  ///< the explorer's own state, and where the executable is the harness's, its variables
  std::vector<std::string>
      uninstrumented;  ///< files that an instrumented module needs and that are not instrumented themselves
  Span loader{0, 0};   ///< the dynamic loader's code
};

/// `subject`: an address inside the module under test; null: there is none besides the libraries.
Modules find_modules(const void* subject);
/// Environment variables as the process got them: the array and the texts. Empty when the array has moved to the heap.
Span environment_block() noexcept;

}  // namespace racetrack::explore
