#include "explore/trial.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include <racetrack/explore_hooks.hpp>

#include "explore/explorer.hpp"
#include "explore/trace/narrative.hpp"
#include "explore/weak/limits.hpp"
#include "oracle/expectation.hpp"
#include "oracle/judge.hpp"
#include "oracle/verdict_json.hpp"

namespace racetrack::explore {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kSeed = 1;  ///< seed of workloads, fixed so that executions differ only in their schedule

/// Rounds of one case as the explorer's body.
class RoundBody {
 public:
  RoundBody(const Scenario& scenario, const Parameters& params, Memory memory) : scenario_(scenario), memory_(memory) {
    plan_.params = params;
    plan_.probe = ProbeKind::history;
    plan_.work = scenario.explored_work;
    plan_.seed = kSeed;
    plan_.stop = &stop_;
    for (const Role& role : scenario.make_round(plan_)->roles()) threads_ += role.threads;
    logs_.resize(threads_ + 1);
    for (ThreadLog& log : logs_) {
      log.counts.resize(scenario.counters.size());
      log.latencies.resize(scenario.latencies.size());
      log.operations.reserve(4 * plan_.work + 1024);
    }
    history_.threads.resize(logs_.size());
  }

  void run() {
    {
      const Unwatched unwatched;
      for (ThreadLog& log : logs_) {
        log.operations.clear();
        log.failures_dropped = 0;
        log.work_done = 0;
        std::fill(log.counts.begin(), log.counts.end(), 0);
      }
    }
    std::unique_ptr<Round> round = scenario_.make_round(plan_);
    {
      std::vector<std::thread> threads;
      threads.reserve(threads_);
      for (std::size_t i = 0; i < threads_; ++i) {
        threads.emplace_back([this, &round, i] { round->run(i, logs_[i]); });
      }
      for (std::thread& thread : threads) thread.join();
    }
    round->settle(logs_.back());
    const Verdict check = round->check();
    const std::uint64_t capacity = round->capacity();
    round.reset();
    const Unwatched unwatched;
    check_ = check;  // a copy outside the subject's heap
    history_.capacity = capacity;
  }

  std::optional<Failure> judge() {
    history_.failures_dropped = 0;
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      std::swap(history_.threads[i], logs_[i].operations);
      history_.failures_dropped += logs_[i].failures_dropped;
      if (memory_ == Memory::weak) drop_empty_and_full(history_.threads[i]);
    }
    Verdict verdict = oracle::judge(scenario_.oracles, history_);
    if (check_.result > verdict.result) verdict = check_;
    for (std::size_t i = 0; i < logs_.size(); ++i) std::swap(history_.threads[i], logs_[i].operations);
    if (verdict.result != Result::fail) return std::nullopt;
    return Failure{
        .kind = verdict.kind, .text = verdict.detector + ": " + verdict.witness, .signature = verdict.detector};
  }

  /// In weak memory a thread need not observe at once what others have done. Without a happens-before relation a queue
  /// may look empty or full although by the clock it is not. Histories record times, not happens-before, so operations
  /// that found the queue empty or full cannot be judged.
  static void drop_empty_and_full(std::vector<racetrack::Operation>& operations) {
    std::erase_if(operations, [](const racetrack::Operation& each) {
      return each.outcome == racetrack::Outcome::empty || each.outcome == racetrack::Outcome::full;
    });
  }

  [[nodiscard]] Subject subject() {
    Subject subject;
    subject.body = [this] { run(); };
    subject.judge = [this] { return judge(); };
    return subject;
  }

 private:
  const Scenario& scenario_;
  Memory memory_;
  RoundPlan plan_;
  StopFlag stop_;
  std::size_t threads_ = 0;
  std::vector<ThreadLog> logs_;  ///< one per thread, and one more for the operations of settle()
  History history_;
  Verdict check_;
};

Verdict verdict_of(const Failure& failure, Memory memory) {
  return {Result::fail, failure.kind, detector_of(memory), failure.text};
}

/// The verdicts of a failure: a finding of an oracle counts both for the explorer and for the oracle's name in an
/// expectation.
std::vector<Verdict> verdicts_of(const Failure& failure, Memory memory) {
  std::vector<Verdict> seen{verdict_of(failure, memory)};
  if (failure.text.starts_with("oracle.")) {
    seen.push_back(seen.front());
    seen.back().detector = failure.signature;
  }
  return seen;
}

class Judgement {
 public:
  Judgement(const Expectation& expectation, Memory memory) : expectation_(expectation), memory_(memory) {}

  /// Adds a failure. Returns true when the search can stop.
  bool add(const Failure& failure) {
    const std::vector<Verdict> seen = verdicts_of(failure, memory_);
    const bool allowed = std::any_of(seen.begin(), seen.end(),
                                     [&](const Verdict& each) { return oracle::as_expected(expectation_, each); });
    as_expected_ &= allowed;
    seen_.insert(seen_.end(), seen.begin(), seen.end());
    return !allowed || missed() == nullptr;
  }
  [[nodiscard]] bool allowed(const Failure& failure) const {
    const std::vector<Verdict> seen = verdicts_of(failure, memory_);
    return std::any_of(seen.begin(), seen.end(),
                       [&](const Verdict& each) { return oracle::as_expected(expectation_, each); });
  }
  [[nodiscard]] const Expected* missed() const {
    return oracle::missed_must(expectation_, {detector_of(memory_)}, seen_);
  }
  [[nodiscard]] bool as_expected() const { return as_expected_; }

 private:
  const Expectation& expectation_;
  Memory memory_;
  std::vector<Verdict> seen_;
  bool as_expected_ = true;
};

Json shares_json(const Exploration& exploration) {
  Json shares = Json::array();
  for (const Share& share : exploration.shares) {
    if (share.executions == 0) continue;
    shares.push_back({{"strategy", share.strategy},
                      {"executions", share.executions},
                      {"seconds", share.seconds},
                      {"steps_per_execution", share.steps / static_cast<double>(share.executions)},
                      {"searched", share.searched},
                      {"not_tried", share.not_tried},
                      {"exhausted", share.exhausted}});
  }
  return shares;
}

Json metrics_json(const Exploration& exploration) {
  double steps = 0;
  for (const Share& share : exploration.shares) steps += share.steps;
  const auto executions = static_cast<double>(exploration.executions);
  Json metrics = {{"executions_count", exploration.executions},
                  {"executions_per_s", executions / std::max(exploration.seconds, 1e-9)},
                  {"steps_per_execution_count", steps / std::max(executions, 1.0)}};
  if (!exploration.findings.empty()) {
    metrics["time_to_find_s"] = exploration.findings.front().seconds;
    metrics["executions_to_find_count"] = exploration.findings.front().execution;
  }
  return metrics;
}

Json trace_json(const Finding& finding) {
  return {{"kind", finding.failure.kind}, {"fingerprint", finding.fingerprint}, {"steps", finding.steps}};
}

Json unconfirmed_json(const Exploration& exploration) {
  Json list = Json::array();
  for (const Unconfirmed& each : exploration.unconfirmed) {
    list.push_back({{"kind", each.failure.kind},
                    {"text", each.failure.text},
                    {"executions", each.times},
                    {"difference", each.difference}});
  }
  return list;
}

Json libraries_json(const Exploration& exploration) {
  Json list = Json::array();
  for (const UnseenLibrary& each : exploration.unseen_libraries) {
    list.push_back({{"file", each.file}, {"samples", each.samples}, {"of", exploration.samples}});
  }
  return list;
}

Json findings_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"kind", finding.failure.kind},
                    {"text", finding.failure.text},
                    {"executions", finding.times},
                    {"schedule", finding.schedule.text()}});
  }
  return list;
}

/// The reason why a search without a finding does not pass: failures that did not repeat, or executions that could not
/// be controlled or were too long. Empty: it passes.
std::string inconclusive_reason(const Exploration& exploration, const Plan& plan) {
  std::string text;
  if (!exploration.nondeterminism.empty()) text = "not deterministic: " + exploration.nondeterminism;
  for (const std::string& why : {exploration.unusable, inconclusive(exploration, plan)}) {
    if (!why.empty()) text += (text.empty() ? "" : "; ") + why;
  }
  return text;
}

/// Only the suppressions that were used.
Json suppressions_json(const std::vector<Suppression>& suppressions) {
  Json list = Json::array();
  for (const Suppression& each : suppressions) {
    if (each.times != 0) list.push_back({{"line", each.line}, {"reason", each.reason}, {"executions", each.times}});
  }
  return list;
}

}  // namespace

Json run_trial(const Scenario& scenario, const TrialPlan& trial) {
  RoundBody body(scenario, trial.params, trial.memory);
  const Subject subject = body.subject();
  Judgement judgement(scenario.expectation, trial.memory);
  Plan plan;
  plan.memory = trial.memory;
  plan.strategies = trial.strategies;
  plan.seed = trial.seed;
  plan.seconds = trial.seconds;
  plan.most_steps = trial.steps;
  plan.world = trial.world;
  if (trial.executions != 0) plan.executions = trial.executions;
  plan.races = trial.races;
  plan.suppressions = trial.suppressions;
  plan.enough = [&](const Failure& failure) { return judgement.add(failure) && !trial.keeps_going; };
  const Exploration exploration = explore(subject, plan);

  Verdict verdict;
  const Finding* shown = nullptr;
  for (const Finding& finding : exploration.findings) {
    // An unexpected finding takes precedence over an expected one.
    if (shown == nullptr || !judgement.allowed(finding.failure)) shown = &finding;
  }
  // A confirmed finding is the verdict, regardless of unconfirmed failures.
  if (shown != nullptr) {
    verdict = verdict_of(shown->failure, trial.memory);
  } else if (const std::string reason = inconclusive_reason(exploration, plan); !reason.empty()) {
    verdict = {Result::unknown, "", "", reason};
  }
  bool as_expected = judgement.as_expected() && verdict.result != Result::unknown;
  if (verdict.result != Result::unknown) {
    if (const Expected* const missed = judgement.missed()) {
      as_expected = false;
      if (shown == nullptr) {
        verdict.witness = "the explorer should have seen: " + missed->kind + ", but did not in " +
                          std::to_string(exploration.executions) + " executions";
      }
    }
  }
  if (shown != nullptr) {
    verdict.witness += "\n" + narrate(*shown, Detail::brief);
    if (!exploration.nondeterminism.empty()) {
      verdict.witness += "other executions failed without confirmation: " + exploration.nondeterminism;
    }
  }
  if (const std::string limits = limits_of(trial.memory); !limits.empty()) {
    verdict.witness += (verdict.witness.empty() || verdict.witness.ends_with('\n') ? "" : "\n") + limits;
  }
  Json answer = {{"verdict", oracle::to_json(verdict, exploration.failed, exploration.executions)},
                 {"as_expected", as_expected},
                 {"metrics", metrics_json(exploration)},
                 {"values", Json::object()},
                 {"histograms", Json::object()},
                 {"oversubscribed", false},
                 {"placement", Json::array()},
                 {"exploration",
                  {{"memory", name_of(trial.memory)},
                   {"strategies", shares_json(exploration)},
                   {"searched", exploration.searched},
                   {"not_tried", exploration.not_tried},
                   {"complete", exploration.complete},
                   {"notes", exploration.notes}}}};
  if (!exploration.unseen_libraries.empty()) answer["exploration"]["unseen_libraries"] = libraries_json(exploration);
  if (!exploration.unconfirmed.empty()) answer["exploration"]["unconfirmed"] = unconfirmed_json(exploration);
  if (exploration.findings.size() > 1) answer["exploration"]["findings"] = findings_json(exploration.findings);
  if (!exploration.suppressed.empty()) {
    answer["exploration"]["suppressed"] = findings_json(exploration.suppressed);
    answer["exploration"]["suppressions"] = suppressions_json(exploration.suppressions);
  }
  if (exploration.races_not_reported != 0) answer["exploration"]["races_not_reported"] = exploration.races_not_reported;
  if (shown != nullptr) {
    answer["schedule"] = shown->schedule.text();
    answer["trace"] = trace_json(*shown);
    answer["exploration"]["found_by"] = shown->strategy;
  }
  return answer;
}

Json replay_trial(const Scenario& scenario, const TrialPlan& trial, const Schedule& schedule, bool prints) {
  RoundBody body(scenario, trial.params, schedule.memory);
  const Subject subject = body.subject();
  const Finding finding = replay_schedule(subject, schedule, kStepsOfReplays, true, kWorldOfReplays);
  const bool failed = !finding.failure.kind.empty() && finding.failure.kind != kTooLong;
  std::string text = finding.failure.kind.empty() ? "no failure under this schedule\n"
                                                  : finding.failure.kind + ": " + finding.failure.text + "\n";
  text += narrate(finding, prints ? Detail::full : Detail::brief);
  if (!(finding.schedule == schedule))
    text += "the execution did not follow the schedule to its end: the subject differs from the recorded one\n";
  text += "trace " + std::to_string(finding.fingerprint) + ", " + std::to_string(finding.steps) + " steps\n";
  return {{"failed", failed}, {"text", text}, {"trace", trace_json(finding)}};
}

}  // namespace racetrack::explore
