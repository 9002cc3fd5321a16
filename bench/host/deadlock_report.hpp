// The deadlock detector's report (see deadlock/report.hpp), read back and put into words.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <racetrack/descriptor.hpp>

#include "host/child_process.hpp"

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

struct DeadlockSettings {
  bool order = false;   ///< watch the order of locks too
  bool stacks = false;  ///< a full stack for every lock taken
};

/// Where the detector reports to: a file in memory, gone with this object and with this process, however that ends.
class DeadlockReportFile {
 public:
  /// Throws Failure when it cannot be made.
  DeadlockReportFile();
  DeadlockReportFile(const DeadlockReportFile&) = delete;
  DeadlockReportFile& operator=(const DeadlockReportFile&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// What a program's environment must hold to run under the detector. Throws Failure when its library is not there.
  [[nodiscard]] Variables variables(const DeadlockSettings& settings) const;

 private:
  Descriptor file_;
  std::string path_;
};

/// A line that cannot be read (the process was killed while it wrote) is left out. No file: an empty report.
DeadlockReport read_deadlock_report(const std::filesystem::path& file);

}  // namespace racetrack::host
