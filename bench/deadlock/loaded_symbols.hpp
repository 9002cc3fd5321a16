// Functions of the loaded modules, looked up in their hash tables as the dynamic loader does. dlsym and dlvsym may allocate and
// lock, and the first call of the detector can come from within the program's malloc.
#pragma once

#include <link.h>

namespace racetrack::deadlock {

/// The modules that the dynamic loader searches after the one whose dynamic section is `dynamic`; all of them when it is not in
/// the list. No allocation, no lock: the list must not change during the walk, as at the start of a program.
[[nodiscard]] const link_map* modules_after(const ElfW(Dyn) * dynamic) noexcept;

/// The function `name` in `module`, in its default version, or nullptr. Indirect functions (STT_GNU_IFUNC) are passed over.
/// No allocation, no lock.
[[nodiscard]] void* find_function(const link_map& module, const char* name) noexcept;

/// The first definition of the function `name` in the list that begins with `module`, or nullptr.
[[nodiscard]] void* find_function_from(const link_map* module, const char* name) noexcept;

}  // namespace racetrack::deadlock
