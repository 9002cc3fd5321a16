#include "host/watched_child.hpp"

#include "deadlock/report.hpp"
#include "host/build_facts.hpp"
#include "oracle/expectation.hpp"
#include "oracle/verdict_json.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

}  // namespace

WatchedChild::WatchedChild(const std::string& job, const Run& run) {
  const std::string& flavour = build_facts().flavour;
  if (flavour != "release" && flavour != "debug") {
    outcome_ = run(job, {});
    return;
  }
  const DeadlockReportFile report;
  outcome_ = run(job, report.variables({.order = true}));
  findings_ = read_deadlock_report(report).findings;
}

Json WatchedChild::answer(const Scenario& scenario) const {
  Json answer = answer_of(outcome_);
  if (!answer.is_object()) return outcome_.value == deadlock::kExitCode ? answer_for_child(scenario) : Json();
  Json& verdict = answer["verdict"];
  if (verdict["detector"] != "lock_graph") return answer;
  for (const DeadlockFinding& finding : findings_) {
    if (finding.kind == verdict["kind"]) verdict["witness"] = {{"text", finding.text}};
  }
  return answer;
}

Json WatchedChild::answer_for_child(const Scenario& scenario) const {
  for (const DeadlockFinding& finding : findings_) {
    if (finding.kind != "deadlock" && finding.kind != "lost_wakeup") continue;
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
