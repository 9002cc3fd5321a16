#include "host/stress_command.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include <fmt/format.h>

#include "host/answer.hpp"
#include "host/build_facts.hpp"
#include "host/job.hpp"
#include "host/regular_file.hpp"
#include "host/replay_token.hpp"
#include "host/safe_text.hpp"
#include "host/spool.hpp"
#include "host/thread_sanitizer.hpp"
#include "host/unanswered.hpp"
#include "host/watched_child.hpp"
#include "load/calibration.hpp"
#include "oracle/expectation.hpp"
#include "oracle/history_json.hpp"
#include "oracle/judge.hpp"
#include "stress/perturbation.hpp"
#include "stress/trial.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

/// Returns the settings of this build. Rounds are slow under ThreadSanitizer, so they are shorter, and no oracle is
/// required to find a failure in so few.
stress::StressPlan plan_of_this_build() {
  stress::StressPlan plan;
  if (built_for_tsan()) {
    plan.most_work = 500;
    plan.slowed = true;
  }
  return plan;
}

/// Returns a file name made from a case's name.
std::string file_name_of(const std::string& case_name, std::uint64_t round) {
  std::string name = case_name;
  for (char& c : name) {
    if (c == '/' || c == ':') c = '-';
  }
  return name.substr(0, 200) + "-round" + std::to_string(round) + ".json";
}

class StressRun {
 public:
  explicit StressRun(const StressOptions& options)
      : options_(options), campaign_(options, {built_for_tsan() ? "tsan" : "stress", "stress"}) {
    campaign_.observe([this](const Json& record) { note_failure(record); });
  }

  Exit run() {
    const Interruptions interruptions;
    campaign_.begin(options_.runs, options_.seconds);
    const bool interrupted =
        !campaign_.take_turns(campaign_.turns(options_.runs),
                              [this](const Turn& turn, Progress& progress) { return run_turn(turn, progress); });
    campaign_.end(interrupted);
    failures_.copy_to(stdout);
    std::fflush(stdout);  // before the closing line on standard error
    return campaign_.conclude(interrupted);
  }

 private:
  bool run_turn(const Turn& turn, Progress& progress) {
    stress::StressPlan plan = plan_of_this_build();
    plan.params = turn.which->params;
    plan.pinning = load::pinning_of(plan.params.text("pin"));
    plan.seed = turn.seed;
    plan.seconds = options_.seconds;
    plan.patience_s = options_.patience_s;
    plan.clock = campaign_.clock();
    plan.skew = campaign_.skew();
    const WatchedChild child(job_text(*turn.which, plan), [&](const std::string& job, const Variables& variables) {
      return campaign_.run(turn, job, variables);
    });
    Json answer = child.answer(*turn.which->scenario);
    if (answer.is_object()) judge_all_runs(turn, answer);
    const auto record = campaign_.keep(turn, child.outcome(), answer, replay_of(turn, answer));
    if (!record) return false;
    keep_findings(turn, child.findings());
    if (answer.is_object() && answer.value("failure", Json()).is_object()) keep_history(turn, answer);
    progress.report_unexpected(*record);
    return true;
  }

  /// Appends each finding once. The detector reports a finding in several rounds several times, because the locks
  /// differ.
  void keep_findings(const Turn& turn, const std::vector<DeadlockFinding>& findings) {
    std::set<std::string> kept;
    for (const DeadlockFinding& finding : findings) {
      Json record = campaign_.finding(turn, finding);
      if (kept.insert(record["kind"].get<std::string>() + record["title"].get<std::string>()).second) {
        campaign_.append(record);
      }
    }
  }

  /// In the last run of a case, checks that the failures which must occur within so many runs have occurred.
  void judge_all_runs(const Turn& turn, Json& answer) {
    const Json& verdict = answer["verdict"];
    std::vector<Verdict>& seen = seen_[turn.which->name];
    if (verdict["result"] == "fail") {
      Verdict failure{Result::fail, verdict["kind"].get<std::string>(), verdict["detector"].get<std::string>(), ""};
      const bool known = std::any_of(seen.begin(), seen.end(), [&failure](const Verdict& each) {
        return each.kind == failure.kind && each.detector == failure.detector;
      });
      if (!known) seen.push_back(std::move(failure));
    }
    if (turn.fork + 1 != options_.runs || options_.runs == 1 || built_for_tsan()) return;
    const Expected* const missed =
        oracle::missed_must(turn.which->scenario->expectation, stress::detectors(true), seen, options_.runs);
    if (missed == nullptr) return;
    answer["as_expected"] = false;
    if (verdict["result"] == "pass") {
      answer["verdict"]["witness"] = {{"text", fmt::format("{} should have seen: {}, but did not in {} runs",
                                                           missed->detector, missed->kind, options_.runs)}};
    }
  }

  [[nodiscard]] std::string replay_of(const Turn& turn, const Json& answer) const {
    const Json metrics = answer.is_object() ? answer.value("metrics", Json::object()) : Json::object();
    std::vector<std::string> patience;
    if (options_.patience_s != kPatienceS) patience = {"--patience", fmt::format("{}", options_.patience_s)};
    if (metrics.contains("first_failed_round_count")) {
      const auto round = metrics["first_failed_round_count"].get<std::uint64_t>();
      const std::string token = ReplayToken{short_commit(), turn.seed, round, turn.which->name}.text();
      return replay_command(options_, *turn.which, token, patience);
    }
    // The failed round is unknown, so the command repeats the whole turn.
    std::vector<std::string> more{"--time", fmt::format("{}", options_.seconds), "--runs", "1"};
    more.insert(more.end(), patience.begin(), patience.end());
    return campaign_.rerun_command(turn, more);
  }

  void keep_history(const Turn& turn, const Json& answer) const {
    const Json& failure = answer["failure"];
    const Json file = {{"racetrack_history", 1},
                       {"case", turn.which->name},
                       {"oracles", turn.which->scenario->oracles},
                       {"verdict", answer["verdict"]},
                       {"history", failure["history"]}};
    campaign_.folder().write_file("histories/" + file_name_of(turn.which->name, failure["round"].get<std::uint64_t>()),
                                  file.dump() + "\n");
  }

  void note_failure(const Json& record) {
    const Json& verdict = record["verdict"];
    const bool failed = verdict["result"] == "fail", as_expected = verdict["as_expected"] == true;
    if (!failed && as_expected) return;
    const char* const mark = verdict["result"] == "unknown" ? "UNKNOWN" : as_expected ? "expected" : "UNEXPECTED";
    std::string text = fmt::format("{} {}: ", mark, record["case"].get<std::string>());
    if (failed) {
      const auto word = [&verdict](const char* key) {
        return verdict[key].is_string() ? verdict[key].get<std::string>() : "";
      };
      text += fmt::format("{} in {} of {} rounds ({})\n    {}\n", word("kind"), verdict["k"].get<std::uint64_t>(),
                          verdict["n"].get<std::uint64_t>(), word("detector"), with_own_path(word("replay")));
    } else {
      text += verdict["witness"].is_object() ? verdict["witness"].value("text", "") + "\n" : "\n";
    }
    failures_.add(printable(text));
  }

  const StressOptions& options_;
  Campaign campaign_;
  std::map<std::string, std::vector<Verdict>> seen_;  ///< failures by case, each kind and detector once
  Spool failures_;                                    ///< text to print at the end
};

Exit exit_of(Result result) {
  return result == Result::fail ? Exit::unexpected : result == Result::unknown ? Exit::incomplete : Exit::as_expected;
}

Exit judge_again(const std::string& name) {
  const RegularFile kept = RegularFile::read(name);
  if (!kept.is_open()) throw usage_error(name + ": " + kept.error() + ": use a file from a run's histories folder");
  constexpr std::uintmax_t kMostOfAHistory = std::uintmax_t{256} << 20U;
  if (kept.size() > kMostOfAHistory) {
    throw usage_error(fmt::format("{}: has {} bytes, and at most {} are read", name, kept.size(), kMostOfAHistory));
  }
  const Json file = Json::parse(kept.content(), nullptr, false);
  if (!file.is_object() || file.value("racetrack_history", 0) != 1 || !file.contains("oracles") ||
      !file.contains("history")) {
    throw usage_error(name + ": is not a complete history file (cut short?): use one from a run's histories folder");
  }
  History history;
  try {
    history = oracle::history_of(file["history"]);
  } catch (const std::invalid_argument& error) {
    throw usage_error(name + ": " + error.what());
  }
  const Verdict verdict = oracle::judge(file["oracles"].get<std::vector<std::string>>(), history);
  print_safely(stdout, "{}: {}\n", file.value("case", ""),
               verdict.result == Result::fail      ? verdict.kind + " (" + verdict.detector + "): " + verdict.witness
               : verdict.result == Result::unknown ? "unknown: " + verdict.witness
                                                   : "passes");
  return exit_of(verdict.result);
}

}  // namespace

Exit run_stress_command(const StressOptions& options) {
  StressRun run(options);
  return run.run();
}

Exit run_replay_command(const ReplayOptions& options) {
  if (std::filesystem::is_regular_file(options.what)) return judge_again(options.what);
  const ReplayToken token = ReplayToken::parse(options.what);
  if (token.commit != short_commit()) {
    throw usage_error("the token is of build " + token.commit + ", this racetrack is " + short_commit() +
                      ": check out and build that commit");
  }
  const std::vector<Plugin> plugins = load_plugins(options.plugins, false);
  const Case which = find_case(plugins, token.case_name);
  const Interruptions interruptions;
  stress::StressPlan plan = plan_of_this_build();
  plan.params = which.params;
  plan.pinning = load::pinning_of(which.params.text("pin"));
  plan.seed = token.seed;
  plan.seconds = options.seconds;
  plan.patience_s = options.patience_s;
  plan.only_round = token.round;
  plan.clock = load::calibrate();
  plan.skew = load::measure_skew(load::Topology::detect().compact);
  const auto limit = std::chrono::milliseconds(static_cast<std::int64_t>((options.seconds + 60) * 1000));
  const WatchedChild child(job_text(which, plan), [&](const std::string& job, const Variables& variables) {
    ChildOutcome outcome = run_child({"child"}, job, limit, variables);
    check_answer(outcome);
    return outcome;
  });
  const Json answer = child.answer(*which.scenario);
  if (child.outcome().how == ChildOutcome::How::interrupted) return Exit::incomplete;
  if (!answer.is_object()) {
    return print_unanswered(fmt::format("round {} of {}", token.round, which.name), child.outcome());
  }
  const Json& verdict = answer["verdict"];
  const auto failed = verdict["k"].get<std::uint64_t>(), rounds = verdict["n"].get<std::uint64_t>();
  print_safely(stdout, "round {} of {}, run {} times: failed {} times\n", token.round, which.name, rounds, failed);
  if (failed > 0) {
    print_safely(stdout, "{} ({}): {}\n", verdict["kind"].get<std::string>(), verdict["detector"].get<std::string>(),
                 verdict["witness"].is_object() ? verdict["witness"]["text"].get<std::string>() : "");
  } else if (verdict["result"] == "unknown") {
    print_safely(stdout, "unknown: {}\n",
                 verdict["witness"].is_object() ? verdict["witness"]["text"].get<std::string>() : "");
    return Exit::incomplete;
  } else {
    print_safely(stdout, "real threads are not deterministic: try --time {:.0f}\n", options.seconds * 6);
  }
  return failed > 0 ? Exit::unexpected : Exit::as_expected;
}

}  // namespace racetrack::host
