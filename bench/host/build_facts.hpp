// What this executable was built from. Filled in by the build.
#pragma once

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
  std::string plugins_from_bin;  ///< installed plugins, relative to the executable's folder
  std::vector<std::pair<std::string, std::string>> libraries;
};

const BuildFacts& build_facts();
/// What a token names the build by.
inline std::string short_commit() { return build_facts().commit.substr(0, 8); }

}  // namespace racetrack::host
