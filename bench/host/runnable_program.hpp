// Whether a program can be run with a library preloaded.
#pragma once

#include <filesystem>
#include <string>

namespace racetrack::host {

/// The file that `name` runs, found as a shell finds it. Throws Failure (usage), one line with what to do, when there is none, when
/// it cannot be executed, or when the dynamic linker would not preload a library into it: statically linked, setuid, for another
/// machine, or already under a sanitizer that stands in front of the same functions.
std::filesystem::path find_preloadable_program(const std::string& name);

}  // namespace racetrack::host
