// The deadlock detector's report (see deadlock/report.hpp), read back and put into words.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

struct DeadlockFinding {
  std::string kind;  ///< deadlock, lost_wakeup, potential_deadlock or misuse
  std::string text;  ///< several lines: every thread, what it waits for and holds, with functions and source lines
  nlohmann::json
      json;  ///< as the detector wrote it; every lock has also "name", every frame "function", "file", "line"
};

struct DeadlockReport {
  bool loaded = false;  ///< the detector was at work in at least one process
  std::vector<DeadlockFinding> findings;
};

/// A line that cannot be read (the process was killed while it wrote) is left out. No file: an empty report.
DeadlockReport read_deadlock_report(const std::filesystem::path& file);

/// The detector's library of this build, to be preloaded. Throws Failure when it is not there.
std::filesystem::path deadlock_library();

/// What LD_PRELOAD must be for a child: the detector before what is preloaded already.
std::string preload_with(const std::filesystem::path& library);

}  // namespace racetrack::host
