#include "host/explore_command.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "explore/schedule/strategies.hpp"
#include "explore/trial.hpp"
#include "explore/weak/limits.hpp"
#include "explore/world/addresses.hpp"
#include "host/build_facts.hpp"
#include "host/replay_token.hpp"
#include "oracle/verdict_json.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::minutes kReplayLimit{2};  ///< for one execution, with a thousandfold reserve

Json job_of(const Case& which) {
  Json params = Json::array();
  for (const auto& [name, value] : which.params.pairs()) params.push_back({name, value});
  return {{"engine", "explore"},
          {"plugin", which.plugin.string()},
          {"scenario", which.scenario->name()},
          {"params", std::move(params)}};
}

void check_strategies(const std::vector<std::string>& asked) {
  const std::vector<std::string> known = explore::strategy_names();
  for (const std::string& name : asked) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw usage_error(
        fmt::format("--strategy {}: there is no such strategy; there are {}", name, fmt::join(known, ", ")));
  }
}

/// The text of a file of suppressions that can be parsed.
std::string read_suppressions(const std::string& path) {
  if (path.empty()) return "";
  std::ifstream input(path);
  if (!input) throw usage_error("--suppress " + path + ": cannot be read");
  std::string text{std::istreambuf_iterator<char>(input), {}};
  std::string error;
  if (!explore::parse_suppressions(text, error)) throw usage_error("--suppress " + path + ": " + error);
  return text;
}

class ExploreRun {
 public:
  explicit ExploreRun(const ExploreOptions& options)
      : options_(options),
        suppressions_(read_suppressions(options.suppress)),
        campaign_(options, {"explore", "explore"}) {}

  Exit run() {
    const Interruptions interruptions;
    campaign_.begin(1, options_.seconds);
    const bool interrupted = !campaign_.take_turns(
        campaign_.turns(1), [this](const Turn& turn, Progress& progress) { return run_turn(turn, progress); });
    campaign_.end(interrupted);
    print_findings();
    return campaign_.conclude(interrupted);
  }

 private:
  bool run_turn(const Turn& turn, Progress& progress) {
    Json job = job_of(*turn.which);
    job["seed"] = turn.seed;
    job["seconds"] = options_.seconds;
    job["executions"] = options_.executions;
    job["strategies"] = options_.strategies;
    job["steps"] = options_.steps;
    job["threads"] = options_.threads;
    job["memory_limit"] = options_.memory_limit;
    job["fill"] = options_.fill;
    job["races"] = options_.races;
    job["keep_going"] = options_.keep_going;
    job["suppressions"] = suppressions_;
    job["weak"] = options_.selection.weak;
    const ChildOutcome outcome = campaign_.run(turn, job.dump());
    Json answer = answer_of(outcome);
    std::string replay;
    if (answer.is_object() && answer.contains("schedule")) confirm(answer, *turn.which);
    if (answer.is_object() && answer.contains("schedule")) {
      replay =
          replay_command(options_, *turn.which,
                         ExploreToken{short_commit(), answer["schedule"].get<std::string>(), turn.which->name}.text());
    }
    const auto record = campaign_.keep(turn, outcome, answer, replay);
    if (!record) return false;
    progress.tell_unexpected(*record);
    return true;
  }

  /// Replays the answer's finding in a new process. If the outcome differs, the subject depends on something that the explorer does not control: the
  /// answer becomes unknown and loses its schedule.
  static void confirm(Json& answer, const Case& which) {
    Json job = job_of(which);
    job["schedule"] = answer["schedule"];
    job["prints"] = false;
    const ChildOutcome outcome = run_child({"child"}, job.dump(), kReplayLimit);
    if (outcome.how == ChildOutcome::How::interrupted) return;
    const Json again = answer_of(outcome);
    const Json& expected = answer["trace"];
    if (again.is_object() && again["trace"] == expected) return;
    const auto outcome_of = [](const Json& trace) {
      const auto kind = trace["kind"].get<std::string>();
      return fmt::format("{} after {} steps", kind.empty() ? "nothing" : kind, trace["steps"].get<std::uint32_t>());
    };
    const std::string text =
        fmt::format("not deterministic: {}; the same schedule in a new process: {}", outcome_of(expected),
                    again.is_object() ? outcome_of(again["trace"]) : "no answer");
    answer["verdict"] = oracle::to_json({Result::unknown, "", "", text}, answer["verdict"]["k"].get<std::uint64_t>(),
                                        answer["verdict"]["n"].get<std::uint64_t>());
    answer["as_expected"] = false;
    answer.erase("schedule");
  }

  void print_findings() const {
    for (const Json& record : campaign_.records()) {
      const Json& verdict = record["verdict"];
      const std::string result = verdict["result"].get<std::string>();
      const bool as_expected = verdict["as_expected"] == true;
      if (result == "pass" && as_expected && !record.value("exploration", Json::object()).contains("suppressions"))
        continue;
      const std::string text = verdict["witness"].is_object() ? verdict["witness"].value("text", "") : "";
      const std::string kind = result == "fail" ? verdict["kind"].get<std::string>() : result;
      fmt::print("{} {}: {}: {}\n",
                 result == "unknown" ? "UNKNOWN"
                 : as_expected       ? "expected"
                                     : "UNEXPECTED",
                 record["case"].get<std::string>(), kind, text.substr(0, text.find('\n')));
      if (result == "fail" && verdict["replay"].is_string())
        fmt::print("    {}\n", verdict["replay"].get<std::string>());
      print_others(record);
    }
    print_unused();
    print_notes();
    if (options_.selection.weak) fmt::print("{}\n", explore::limits_of(explore::Memory::weak));
    std::fflush(stdout);  // before the closing line on standard error
  }

  /// Prints the limits of the searches, each with its number of cases.
  void print_notes() const {
    std::map<std::string, unsigned> cases;
    for (const Json& record : campaign_.records()) {
      if (!record.contains("exploration")) continue;
      for (const Json& note : record["exploration"].value("notes", Json::array())) ++cases[note.get<std::string>()];
    }
    for (const auto& [note, count] : cases) fmt::print("{} ({} {})\n", note, count, count == 1 ? "case" : "cases");
  }

  /// The other findings of a case, each with its own replay line.
  void print_others(const Json& record) const {
    const Json& exploration = record.value("exploration", Json::object());
    for (const Json& finding : exploration.value("findings", Json::array())) {
      fmt::print("    {}: {}\n      schedule {} ({} executions)\n", finding["kind"].get<std::string>(),
                 finding["text"].get<std::string>(), finding["schedule"].get<std::string>(),
                 finding["executions"].get<std::uint64_t>());
    }
    for (const Json& each : exploration.value("suppressions", Json::array())) {
      fmt::print("    suppressed by line {}, {} executions: {}\n", each["line"].get<unsigned>(),
                 each["executions"].get<std::uint64_t>(), each["reason"].get<std::string>());
    }
    if (exploration.contains("races_not_reported"))
      fmt::print("    {} races not reported (--races {})\n", exploration["races_not_reported"].get<unsigned>(),
                 options_.races);
  }

  /// Names the suppressions that no finding of the run has used.
  void print_unused() const {
    std::string error;
    const auto suppressions = explore::parse_suppressions(suppressions_, error).value();
    for (const explore::Suppression& each : suppressions) {
      const bool used = std::any_of(campaign_.records().begin(), campaign_.records().end(), [&](const Json& record) {
        const Json list = record.value("exploration", Json::object()).value("suppressions", Json::array());
        return std::any_of(list.begin(), list.end(), [&](const Json& one) { return one["line"] == each.line; });
      });
      if (!used) {
        fmt::print("{}:{}: unused suppression: {} {} -- {}\n", options_.suppress, each.line, each.kind,
                   fmt::join(each.places, " "), each.reason);
      }
    }
  }

  const ExploreOptions& options_;
  std::string suppressions_;  ///< the file's text
  Campaign campaign_;
};

}  // namespace

Exit run_explore_command(const ExploreOptions& options) {
  check_strategies(options.strategies);
  ExploreRun run(options);
  return run.run();
}

Exit replay_exploration(const std::string& text, const std::vector<std::filesystem::path>& plugins, bool prints) {
  const ExploreToken token = ExploreToken::parse(text);
  if (!explore::Schedule::parse(token.schedule)) {
    throw usage_error("'" + text + "' is no whole replay token: copy it from the failure's replay line");
  }
  if (token.commit != short_commit()) {
    throw usage_error("the token is of build " + token.commit + ", this racetrack is " + short_commit() +
                      ": check out and build that commit");
  }
  const std::vector<Plugin> loaded = load_plugins(plugins, false);
  const Case which = case_of(loaded, token.case_name);
  Json job = job_of(which);
  job["schedule"] = token.schedule;
  job["prints"] = prints;
  const Interruptions interruptions;
  const ChildOutcome outcome = run_child({"child"}, job.dump(), kReplayLimit);
  const Json answer = answer_of(outcome);
  if (outcome.how == ChildOutcome::How::interrupted) return Exit::incomplete;
  if (!answer.is_object()) {
    throw Failure(Exit::harness, "the child process ended without an answer: " + outcome.last_output);
  }
  fmt::print("{}\n{}", which.name, answer.at("text").get<std::string>());
  return answer.at("failed") == true ? Exit::unexpected : Exit::as_expected;
}

void run_explore_job(const Scenario& scenario, const Json& job, const std::function<void(const Json&)>& answer) {
  explore::TrialPlan plan;
  for (const auto& pair : job.at("params")) {
    plan.params.set(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
  }
  if (job.contains("schedule")) {
    const auto schedule = explore::Schedule::parse(job.at("schedule").get<std::string>());
    if (!schedule) throw Failure(Exit::harness, "the job's schedule is damaged");
    answer(explore::replay_trial(scenario, plan, *schedule, job.at("prints")));
    return;
  }
  plan.seed = job.at("seed");
  plan.seconds = job.at("seconds");
  plan.executions = job.at("executions");
  plan.strategies = job.at("strategies").get<std::vector<std::string>>();
  plan.steps = job.at("steps");
  plan.world.threads = job.at("threads");
  plan.world.memory_limit = job.at("memory_limit").get<std::size_t>() << 20U;
  plan.world.fill = explore::fill_called(job.at("fill").get<std::string>()).value_or(explore::Fill::pattern);
  const std::string races = job.at("races");
  if (races != "report") plan.races = races == "ignore" ? explore::Races::ignore : explore::Races::steps;
  plan.keeps_going = job.at("keep_going");
  std::string error;
  plan.suppressions = *explore::parse_suppressions(job.at("suppressions").get<std::string>(), error);
  if (job.at("weak") == true) plan.memory = explore::Memory::weak;
  answer(explore::run_trial(scenario, plan));
}

void prepare_explored_child(char** argv) { explore::fix_addresses(argv); }

}  // namespace racetrack::host
