// Finds programs that are installed in the folder of a plugin.
#pragma once

#include <string>

#include <dlfcn.h>
#include <unistd.h>

namespace racetrack {

namespace detail {
// Hidden, so that every module has its own copy: the address identifies the calling module.
[[gnu::visibility("hidden")]] inline void in_this_module() noexcept {}
}  // namespace detail

/// Returns the path of the executable `name` in the folder of the module (plugin) that this function is compiled into,
/// or an empty string when there is no such executable. Thread-safe.
inline std::string program_in_plugin_folder(const std::string& name) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&detail::in_this_module), &info) == 0 || info.dli_fname == nullptr)
    return {};
  const std::string module = info.dli_fname;
  const std::string path = module.substr(0, module.rfind('/') + 1) + name;
  return access(path.c_str(), X_OK) == 0 ? path : std::string();
}

}  // namespace racetrack
