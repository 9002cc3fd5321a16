// Finds, checks and loads plugins.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <racetrack/scenario.hpp>

namespace racetrack::host {

/// A loaded module. Modules are never unloaded, because scenarios refer to code in them.
struct Plugin {
  std::filesystem::path file;
  std::string compiler;
  std::vector<Scenario> scenarios;
  std::string id{};  ///< identifies the file's content
};

/// Loads one module. Throws Failure(usage) with one line when the file is missing, is not a plugin, or was built for
/// another ABI, flavour or standard library. It compares the stamp before any code of the module runs. With a non-empty
/// `id`, throws Failure(harness) when the file's content has another id.
Plugin load_plugin(const std::filesystem::path& file, const std::string& id = {});

/// Returns racetrack's own modules, sorted by name: from the folder plugins/ next to the executable (build tree), or
/// from the library folder of its prefix (installed).
std::vector<std::filesystem::path> own_plugins();

/// Returns the subjects that the build left out: name and reason.
std::vector<std::pair<std::string, std::string>> left_out_of_build();

}  // namespace racetrack::host
