// The modules of the process and their memory, and the parts of it that must be restored for each execution.
#pragma once

#include <string>
#include <vector>

#include "explore/world/snapshot.hpp"

namespace racetrack::explore {

/// A library and its file.
struct Library {
  Span all, code;
  std::string file;
};

struct Modules {
  std::vector<Span> subject;  ///< variables of the module under test, without the explorer's own state
  std::vector<Span> others;   ///< variables of libraries that are neither standard libraries nor the executable
  /// Variables of libc, libstdc++ and the like, without the dynamic loader's: it keeps the libraries that it has
  /// loaded.
  std::vector<Span> standard;
  std::vector<Span> own;  ///< the explorer's own state, and the executable's variables when it is the harness
  std::vector<Library> uninstrumented;     ///< uninstrumented libraries that an instrumented module needs
  std::vector<Library> wait_without_libc;  ///< uninstrumented; wait by system calls without libc, such as libgomp
  Span loader{0, 0};                       ///< the dynamic loader's code
  /// Code of the module under test, of instrumented modules and of `uninstrumented`: the code that the subject can
  /// execute besides the standard libraries.
  std::vector<Span> code;
};

/// The explorer's own code that runs without `ExplorerScope` (RACETRACK_OWN_CODE).
Span own_code() noexcept;

/// `subject`: an address inside the module under test; null: none, only libraries.
Modules find_modules(const void* subject);
/// The file of a library that dlopen has returned, if the library is neither instrumented nor a standard library;
/// otherwise "".
std::string uninstrumented_file(void* library);
/// The environment variables that the process was started with: the array and the texts. Empty when the array has moved
/// to the heap.
Span environment_block() noexcept;

}  // namespace racetrack::explore
