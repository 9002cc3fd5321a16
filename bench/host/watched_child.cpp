#include "host/watched_child.hpp"

#include "deadlock/report.hpp"
#include "host/build_facts.hpp"
#include "host/exit.hpp"
#include "oracle/expectation.hpp"
#include "oracle/verdict_json.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

/// Returns whether the finding is of threads that are stuck, not of an order of locks.
bool is_stuck(const DeadlockFinding& finding) { return finding.kind == "deadlock" || finding.kind == "lost_wakeup"; }

}  // namespace

WatchedChild::WatchedChild(const std::string& job, const Run& run) {
  const std::string& flavour = build_facts().flavour;
  if (flavour != "release" && flavour != "debug") {
    outcome_ = run(job, {});
    return;
  }
  const DeadlockReportFile report;
  outcome_ = run(job, report.variables({.order = true}));
  DeadlockReport seen = read_deadlock_report(report);
  // Without the detector, a round with a deadlock would pass.
  if (!seen.loaded && outcome_.how == ChildOutcome::How::ok) {
    throw usage_error(
        "the deadlock detector was not loaded into the child process: LD_PRELOAD has no effect here; run racetrack "
        "where it works");
  }
  findings_ = std::move(seen.findings);
  // A thread that the system refused may be the one that would have woken the others.
  if (outcome_.how == ChildOutcome::How::harness) {
    std::erase_if(findings_, [](const DeadlockFinding& finding) { return is_stuck(finding); });
  }
}

Json WatchedChild::answer(const Scenario& scenario) const {
  Json answer = answer_of(outcome_);
  if (!answer.is_object()) return outcome_.value == deadlock::kExitCode ? answer_for_child(scenario) : Json();
  Json& verdict = answer["verdict"];
  if (verdict["detector"] != "lock_graph") return answer;
  for (const DeadlockFinding& finding : findings_) {
    if (finding.kind == verdict["kind"].get<std::string>()) verdict["witness"] = {{"text", finding.text}};
  }
  return answer;
}

Json WatchedChild::answer_for_child(const Scenario& scenario) const {
  for (const DeadlockFinding& finding : findings_) {
    if (!is_stuck(finding)) continue;
    const Verdict verdict{Result::fail, finding.kind, "lock_graph", finding.text};
    return {{"verdict", oracle::to_json(verdict, 1, 1)},
            {"as_expected", oracle::as_expected(scenario.expectation, verdict)},
            {"metrics", {{"time_to_find_s", outcome_.seconds}}},
            {"values", Json::object()},
            {"histograms", Json::object()},
            {"oversubscribed", false},
            {"placement", Json::array()}};
  }
  return {};
}

}  // namespace racetrack::host
