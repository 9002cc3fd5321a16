// Finds plugins, checks them, loads them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <racetrack/scenario.hpp>

namespace racetrack::host {

/// A loaded module. Modules are never unloaded: scenarios hold code in them.
struct Plugin {
  std::filesystem::path file;
  std::string compiler;
  std::vector<Scenario> scenarios;
};

/// Loads one module. Throws Failure(usage) with one line when the file is missing, is not a plugin, or was built for another ABI,
/// flavour or standard library; the stamp is compared before any code of the module runs.
Plugin load_plugin(const std::filesystem::path& file);

/// The modules that come with this executable, by name: in plugins/ beside it (build tree), or in the library folder of
/// its prefix (installed).
std::vector<std::filesystem::path> own_plugins();

/// Subjects that were left out of the build: name and reason.
std::vector<std::pair<std::string, std::string>> left_out_of_build();

}  // namespace racetrack::host
