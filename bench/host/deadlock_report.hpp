// Reads the deadlock detector's report (see deadlock/report.hpp) and describes its findings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <racetrack/descriptor.hpp>

#include "deadlock/shared_page.hpp"
#include "host/child_process.hpp"

namespace racetrack::host {

struct DeadlockFinding {
  std::string kind;         ///< deadlock, lost_wakeup, potential_deadlock or misuse
  std::string text;         ///< several lines: each thread with its wait, its locks, functions and source lines
  std::uint64_t times = 1;  ///< potential_deadlock: number of sets of locks with this finding
  nlohmann::json
      json;  ///< as the detector wrote it, plus "name" in each lock and "function", "file", "line" in each frame
};

struct DeadlockReport {
  bool loaded = false;  ///< the detector was loaded into at least one process
  std::vector<DeadlockFinding> findings;
};

struct DeadlockSettings {
  bool order = false;   ///< also detect cycles in the order of locks
  bool stacks = false;  ///< record a full stack for every lock taken
};

/// Two files in memory: the report, and the SharedPage that the detector shares with this process. They exist only as
/// long as this object and this process.
class DeadlockReportFile {
 public:
  /// Throws Failure(harness) when the system refuses them.
  DeadlockReportFile();
  ~DeadlockReportFile();
  DeadlockReportFile(const DeadlockReportFile&) = delete;
  DeadlockReportFile& operator=(const DeadlockReportFile&) = delete;
  [[nodiscard]] std::filesystem::path path() const;
  [[nodiscard]] deadlock::SharedPage& page() const noexcept { return *page_; }

  /// Returns the environment variables that a program needs to run under the detector. Throws Failure(harness) when the
  /// detector's library is missing.
  [[nodiscard]] Variables variables(const DeadlockSettings& settings) const;

 private:
  Descriptor report_, shared_;
  deadlock::SharedPage* page_;
};

/// Returns all findings so far. Merges potential deadlocks at the same places in the code into one finding, which
/// counts the sets of locks. Skips lines that cannot be parsed: the process may have been killed while it wrote one.
DeadlockReport read_deadlock_report(const DeadlockReportFile& file);

}  // namespace racetrack::host
