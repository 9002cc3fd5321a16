#include "host/explore_command.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include <fmt/format.h>

#include "explore/explorer.hpp"
#include "explore/schedule/strategies.hpp"
#include "explore/trial.hpp"
#include "explore/weak/limits.hpp"
#include "explore/world/addresses.hpp"
#include "host/answer.hpp"
#include "host/build_facts.hpp"
#include "host/job.hpp"
#include "host/regular_file.hpp"
#include "host/replay_token.hpp"
#include "host/safe_text.hpp"
#include "host/spool.hpp"
#include "host/unanswered.hpp"
#include "oracle/verdict_json.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::minutes kReplayLimit{2};  ///< for one execution; about a thousand times its usual duration

Json job_of(const Case& which) {
  Json params = Json::array();
  for (const auto& [name, value] : which.params.pairs()) params.push_back({name, value});
  return {{"engine", "explore"},
          {"plugin", path_json(which.plugin)},
          {"plugin_id", which.plugin_id},
          {"scenario", which.scenario->name()},
          {"params", std::move(params)}};
}

/// Runs the schedule of the job once.
ChildOutcome replay_in_child(const Json& job) {
  ChildOutcome outcome = run_child({"child"}, job.dump(), kReplayLimit);
  check_replay_answer(outcome);
  return outcome;
}

void check_strategies(const std::vector<std::string>& asked) {
  const std::vector<std::string> known = explore::strategy_names();
  for (const std::string& name : asked) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw usage_error(fmt::format("--strategy {}: unknown strategy; strategies: {}", name, fmt::join(known, ", ")));
  }
}

/// Reads a suppression file and returns its text. Throws Failure(usage) when it cannot be read or parsed.
std::string read_suppressions(const std::string& path) {
  if (path.empty()) return "";
  const RegularFile file = RegularFile::read(path);
  if (!file.is_open()) throw usage_error("--suppress " + path + ": " + file.error() + ": correct the path");
  constexpr std::uintmax_t kMostOfAList = std::uintmax_t{16} << 20U;
  if (file.size() > kMostOfAList)
    throw usage_error(fmt::format("--suppress {}: has more than {} bytes", path, kMostOfAList));
  std::string text = file.content();
  std::string error;
  if (!explore::parse_suppressions(text, error)) throw usage_error("--suppress " + path + ": " + error);
  return text;
}

class ExploreRun {
 public:
  explicit ExploreRun(const ExploreOptions& options)
      : options_(options),
        suppressions_(read_suppressions(options.suppress)),
        campaign_(options, {"explore", "explore", false}) {
    campaign_.observe([this](const Json& record) { note_findings(record); });
  }

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
    std::string replay = campaign_.rerun_command(turn, own_arguments());
    if (answer.is_object() && answer.contains("schedule")) confirm(answer, *turn.which);
    if (answer.is_object() && answer.contains("schedule")) {
      replay =
          replay_command(options_, *turn.which,
                         ExploreToken{short_commit(), answer["schedule"].get<std::string>(), turn.which->name}.text());
    }
    const auto record = campaign_.keep(turn, outcome, answer, replay);
    if (!record) return false;
    progress.report_unexpected(*record);
    return true;
  }

  /// Returns this invocation's options of the explore engine.
  [[nodiscard]] std::vector<std::string> own_arguments() const {
    std::vector<std::string> words{"--time",         fmt::format("{}", options_.seconds),
                                   "--memory",       options_.selection.weak ? "weak" : "sc",
                                   "--steps",        std::to_string(options_.steps),
                                   "--threads",      std::to_string(options_.threads),
                                   "--memory-limit", std::to_string(options_.memory_limit),
                                   "--fill",         options_.fill,
                                   "--races",        options_.races};
    if (options_.executions != 0) words.insert(words.end(), {"--executions", std::to_string(options_.executions)});
    for (const std::string& strategy : options_.strategies) words.insert(words.end(), {"--strategy", strategy});
    if (options_.keep_going) words.emplace_back("--keep-going");
    if (!options_.suppress.empty()) {
      const std::vector<std::string> file = option_arguments("--suppress", options_.suppress);
      words.insert(words.end(), file.begin(), file.end());
    }
    return words;
  }

  /// Replays the answer's finding in a new process. If the outcome differs, the subject depends on something that the
  /// explorer does not control: the answer becomes unknown and loses its schedule.
  static void confirm(Json& answer, const Case& which) {
    Json job = job_of(which);
    job["schedule"] = answer["schedule"];
    job["prints"] = false;
    const ChildOutcome outcome = replay_in_child(job);
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
    findings_.copy_to(stdout);
    print_unused();
    for (const auto& [note, count] : notes_) {
      print_safely(stdout, "{} ({} {})\n", note, count, count == 1 ? "case" : "cases");
    }
    for (const auto& [file, part] : samples_) {
      print_safely(stdout, "{}\n", explore::describe_share(file, part.in_library, part.all));
    }
    if (options_.selection.weak) print_safely(stdout, "{}\n", explore::limits_of(explore::Memory::weak));
    std::fflush(stdout);  // before the closing line on standard error
  }

  /// Spools the text that is printed for a case at the end, and counts the limits of its search.
  void note_findings(const Json& record) {
    const Json exploration = record.value("exploration", Json::object());
    for (const Json& note : exploration.value("notes", Json::array())) ++notes_[note.get<std::string>()];
    for (const Json& library : exploration.value("unseen_libraries", Json::array())) {
      Samples& samples = samples_[library["file"].get<std::string>()];
      samples.in_library += library["samples"].get<std::uint64_t>();
      samples.all += library["of"].get<std::uint64_t>();
    }
    const Json& verdict = record["verdict"];
    const std::string result = verdict["result"].get<std::string>();
    const bool as_expected = verdict["as_expected"] == true;
    if (result == "pass" && as_expected && !exploration.contains("suppressions")) return;
    const std::string text = verdict["witness"].is_object() ? verdict["witness"].value("text", "") : "";
    const std::string kind = result == "fail" ? verdict["kind"].get<std::string>() : result;
    std::string lines = fmt::format("{} {}: {}: {}\n",
                                    result == "unknown" ? "UNKNOWN"
                                    : as_expected       ? "expected"
                                                        : "UNEXPECTED",
                                    record["case"].get<std::string>(), kind, text.substr(0, text.find('\n')));
    if (result == "fail" && verdict["replay"].is_string()) {
      lines += fmt::format("    {}\n", with_own_path(verdict["replay"].get<std::string>()));
    }
    findings_.add(printable(lines + others_of(record["case"].get<std::string>(), exploration)));
  }

  /// Describes the other findings of a case, each with its own replay command, and its suppressions.
  std::string others_of(const std::string& name, const Json& exploration) {
    std::string lines;
    for (const Json& finding : exploration.value("findings", Json::array())) {
      const auto which = std::find_if(campaign_.cases().begin(), campaign_.cases().end(),
                                      [&](const Case& each) { return each.name == name; });
      const std::string token = ExploreToken{short_commit(), finding["schedule"].get<std::string>(), name}.text();
      lines += fmt::format(
          "    {}: {} ({} executions)\n      {}\n", finding["kind"].get<std::string>(),
          finding["text"].get<std::string>(), finding["executions"].get<std::uint64_t>(),
          which == campaign_.cases().end() ? token : with_own_path(replay_command(options_, *which, token)));
    }
    for (const Json& each : exploration.value("suppressions", Json::array())) {
      used_suppressions_.insert(each["line"].get<unsigned>());
      lines += fmt::format("    suppressed by line {}, {} executions: {}\n", each["line"].get<unsigned>(),
                           each["executions"].get<std::uint64_t>(), each["reason"].get<std::string>());
    }
    if (exploration.contains("races_not_reported")) {
      lines += fmt::format("    {} races not reported (--races {})\n",
                           exploration["races_not_reported"].get<unsigned>(), options_.races);
    }
    return lines;
  }

  /// Prints the suppressions that no finding of the run used.
  void print_unused() const {
    std::string error;
    const auto suppressions = explore::parse_suppressions(suppressions_, error).value();
    for (const explore::Suppression& each : suppressions) {
      if (used_suppressions_.contains(each.line)) continue;
      print_safely(stdout, "{}:{}: unused suppression: {} {} -- {}\n", options_.suppress, each.line, each.kind,
                   fmt::join(each.places, " "), each.reason);
    }
  }

  /// Of the processor time of executions.
  struct Samples {
    std::uint64_t in_library = 0, all = 0;
  };

  const ExploreOptions& options_;
  std::string suppressions_;  ///< text of the suppression file
  Campaign campaign_;
  Spool findings_;                          ///< text to print at the end
  std::map<std::string, unsigned> notes_;   ///< limits of the searches, with the number of cases for each
  std::map<std::string, Samples> samples_;  ///< of each uninstrumented library, in the cases that need it
  std::set<unsigned> used_suppressions_;    ///< line numbers
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
    throw usage_error("'" + text + "' is not a complete replay token: copy it from the failure's replay line");
  }
  if (token.commit != short_commit()) {
    throw usage_error("the token is of build " + token.commit + ", this racetrack is " + short_commit() +
                      ": check out and build that commit");
  }
  const std::vector<Plugin> loaded = load_plugins(plugins, false);
  const Case which = find_case(loaded, token.case_name);
  Json job = job_of(which);
  job["schedule"] = token.schedule;
  job["prints"] = prints;
  const Interruptions interruptions;
  const ChildOutcome outcome = replay_in_child(job);
  const Json answer = answer_of(outcome);
  if (outcome.how == ChildOutcome::How::interrupted) return Exit::incomplete;
  if (!answer.is_object()) return print_unanswered(which.name, outcome);
  print_safely(stdout, "{}\n{}", which.name, answer.at("text").get<std::string>());
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
