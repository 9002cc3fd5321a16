// Looks functions up in the hash tables of the loaded modules, as the dynamic loader does. dlsym and dlvsym may
// allocate and lock, and the program's malloc can make the first call of the detector.
#pragma once

#include <link.h>

namespace racetrack::deadlock {

/// Returns the list of modules that the dynamic loader searches after the one whose dynamic section is `dynamic`; the
/// whole list when it is not in the list. Allocates nothing and takes no lock: the list must not change during the
/// walk, as at the start of a program.
[[nodiscard]] const link_map* modules_after(const ElfW(Dyn) * dynamic) noexcept;

/// Returns the function `name` of `module` in its default version, or nullptr. Skips indirect functions
/// (STT_GNU_IFUNC). Allocates nothing and takes no lock.
[[nodiscard]] void* find_function(const link_map& module, const char* name) noexcept;

/// Returns the first definition of the function `name` in the list that begins with `module`, or nullptr.
[[nodiscard]] void* find_function_from(const link_map* module, const char* name) noexcept;

}  // namespace racetrack::deadlock
