// Checks whether a library can be preloaded into a program.
#pragma once

#include <filesystem>
#include <string>

namespace racetrack::host {

/// Returns the file that the command `name` runs, found as a shell finds it. Throws Failure(usage) with one line and a
/// remedy when there is none, when it is not executable, or when the dynamic linker would not preload a library into
/// it: statically linked, setuid, for another machine, or built with a sanitizer that intercepts the same functions.
std::filesystem::path find_preloadable_program(const std::string& name);

}  // namespace racetrack::host
