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

/// One job in one child process, watched where this build can: a process under a sanitizer cannot be.
class WatchedChild {
 public:
  using Run = std::function<ChildOutcome(const std::string& job, const Variables& variables)>;

  WatchedChild(const std::string& job, const Run& run);

  [[nodiscard]] const ChildOutcome& outcome() const noexcept { return outcome_; }
  [[nodiscard]] const std::vector<DeadlockFinding>& findings() const noexcept { return findings_; }

  /// The child's answer, with what the detector says of who waits for whom. When the detector has ended the child, because its
  /// main thread was stuck too, the answer is the detector's; null when there is none.
  [[nodiscard]] nlohmann::json answer(const Scenario& scenario) const;

 private:
  [[nodiscard]] nlohmann::json answer_for_child(const Scenario& scenario) const;

  ChildOutcome outcome_;
  std::vector<DeadlockFinding> findings_;
};

}  // namespace racetrack::host
