// Programs that belong to a plugin lie beside it.
#pragma once

#include <string>

#include <dlfcn.h>
#include <unistd.h>

namespace racetrack {

namespace detail {
// Hidden, so every module has its own: its address says which module asks.
[[gnu::visibility("hidden")]] inline void in_this_module() noexcept {}
}  // namespace detail

/// Path of `name` in the folder of the module (plugin) that this is compiled into; empty when there is no such program.
inline std::string program_beside(const std::string& name) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&detail::in_this_module), &info) == 0 || info.dli_fname == nullptr)
    return {};
  const std::string module = info.dli_fname;
  const std::string path = module.substr(0, module.rfind('/') + 1) + name;
  return access(path.c_str(), X_OK) == 0 ? path : std::string();
}

}  // namespace racetrack
