// Facts about the build of this executable. CMake fills them in.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace racetrack::host {

struct BuildFacts {
  std::string version;
  std::string commit;  ///< "unknown" outside a git checkout
  bool dirty = false;
  std::string flavour;
  std::string compiler;
  std::string flags;
  std::string plugins_from_bin;  ///< folder of installed plugins, relative to the executable's folder
  std::vector<std::pair<std::string, std::string>> libraries;
};

const BuildFacts& build_facts();

/// Returns the path of this program's file. Throws Failure(usage) when /proc is not readable.
std::filesystem::path own_program();

/// The first 8 digits of the commit, as replay tokens contain them.
inline std::string short_commit() { return build_facts().commit.substr(0, 8); }

}  // namespace racetrack::host
