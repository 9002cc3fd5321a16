// The deadlock detector's report (see deadlock/report.hpp), read back and put into words.
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
  std::string kind;  ///< deadlock, lost_wakeup, potential_deadlock or misuse
  std::string text;  ///< several lines: every thread, what it waits for and holds, with functions and source lines
  std::uint64_t times = 1;  ///< potential_deadlock: sets of locks for which it was met
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

/// The report and the SharedPage that the detector shares with this process: two files in memory. They are gone with this object and
/// with this process, however that ends.
class DeadlockReportFile {
 public:
  /// Throws Failure when they cannot be made.
  DeadlockReportFile();
  ~DeadlockReportFile();
  DeadlockReportFile(const DeadlockReportFile&) = delete;
  DeadlockReportFile& operator=(const DeadlockReportFile&) = delete;
  [[nodiscard]] std::filesystem::path path() const;
  [[nodiscard]] deadlock::SharedPage& page() const noexcept { return *page_; }

  /// What a program's environment must hold to run under the detector. Throws Failure when its library is not there.
  [[nodiscard]] Variables variables(const DeadlockSettings& settings) const;

 private:
  Descriptor report_, shared_;
  deadlock::SharedPage* page_;
};

/// All findings up to now. Potential deadlocks at the same places in the code are one finding, with the number of sets of locks that
/// were met there. A line that cannot be read (the process was killed while it wrote) is left out.
DeadlockReport read_deadlock_report(const DeadlockReportFile& file);

}  // namespace racetrack::host
