// A child process under the deadlock detector.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <racetrack/scenario.hpp>

#include "host/child_process.hpp"
#include "host/deadlock_report.hpp"

namespace racetrack::host {

/// Runs one job in one child process, under the deadlock detector where the build permits it: not with a sanitizer.
class WatchedChild {
 public:
  using Run = std::function<ChildOutcome(const std::string& job, const Variables& variables)>;

  WatchedChild(const std::string& job, const Run& run);

  [[nodiscard]] const ChildOutcome& outcome() const noexcept { return outcome_; }
  [[nodiscard]] const std::vector<DeadlockFinding>& findings() const noexcept { return findings_; }

  /// Returns the child's answer; a verdict of the detector gets its description of the waits. When the detector ended
  /// the child, because the main thread was stuck too, returns an answer made from its findings. Null when there is
  /// none.
  [[nodiscard]] nlohmann::json answer(const Scenario& scenario) const;

 private:
  [[nodiscard]] nlohmann::json answer_for_child(const Scenario& scenario) const;

  ChildOutcome outcome_;
  std::vector<DeadlockFinding> findings_;
};

}  // namespace racetrack::host
