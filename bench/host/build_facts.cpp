#include "host/build_facts.hpp"

#include "racetrack_build_commit.hpp"
#include "racetrack_build_flags.hpp"

#include <hwloc.h>

#include <racetrack/plugin.hpp>

#include "host/exit.hpp"

namespace racetrack::host {

const BuildFacts& build_facts() {
  static const BuildFacts facts{
      .version = RACETRACK_VERSION,
      .commit = RACETRACK_COMMIT,
      .dirty = RACETRACK_DIRTY,
      .flavour = RACETRACK_FLAVOUR,
      .compiler = RACETRACK_COMPILER,
      .flags = RACETRACK_FLAGS,
      .plugins_from_bin = RACETRACK_PLUGINS_FROM_BIN,
      .libraries = {{"google_benchmark", RACETRACK_BENCHMARK_VERSION},
                    {"hwloc", RACETRACK_HWLOC_VERSION},
                    {"glibc", RACETRACK_TEXT(__GLIBC__) "." RACETRACK_TEXT(__GLIBC_MINOR__)}},
  };
  return facts;
}

std::filesystem::path own_program() {
  std::error_code error;
  std::filesystem::path file = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    throw usage_error("/proc/self/exe: cannot be read (" + error.message() +
                      "): racetrack finds its plugins and starts its child processes by it; mount /proc");
  }
  return file;
}

}  // namespace racetrack::host
