#include "host/sweep.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include <unistd.h>

#include "host/benchmark_json.hpp"
#include "host/build_facts.hpp"
#include "host/child_process.hpp"
#include "host/environment.hpp"
#include "host/job.hpp"
#include "host/progress.hpp"
#include "host/run_folder.hpp"
#include "host/summary.hpp"
#include "load/calibration.hpp"
#include "oracle/expectation.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

std::vector<Plugin> load_plugins(const SweepOptions& options) {
  std::vector<Plugin> plugins;
  for (const auto& file : options.plugins) plugins.push_back(load_plugin(file));
  if (options.plugins.empty() || options.with_builtin) {
    for (const auto& file : own_plugins()) plugins.push_back(load_plugin(file));
  }
  if (plugins.empty()) {
    throw Failure(Exit::nothing, "there are no plugins beside this racetrack: build them (make build) or name one with --plugin");
  }
  return plugins;
}

Json value_json(const std::string& text) {
  if (const auto number = to_number(text)) return *number;
  return text;
}

Json traits_json(const Scenario& scenario, const Parameters& params) {
  Json traits = Json::object();
  const auto put = [&traits](const TraitList& list) {
    for (const auto& [name, value] : list) std::visit([&, key = name](const auto& v) { traits[key] = v; }, value);
  };
  put(scenario.traits);
  put(scenario.case_traits(params));
  return traits;
}

Json expectation_json(const Expectation& expectation) {
  constexpr const char* kGrades[] = {"must", "may", "never"};
  Json list = Json::array();
  for (const Expected& each : expectation) {
    list.push_back({{"detector", each.detector},
                    {"kind", each.kind},
                    {"grade", kGrades[static_cast<int>(each.grade)]},
                    {"per_runs", each.per_runs}});
  }
  return list;
}

/// What became of a child that gave no answer.
Verdict verdict_of(const ChildOutcome& outcome) {
  switch (outcome.how) {
    case ChildOutcome::How::ok: return {};
    case ChildOutcome::How::interrupted: return {Result::unknown, "", "", "interrupted"};
    case ChildOutcome::How::timeout:
      return {Result::fail, "hang", "watchdog", "the child process had not ended in time and was killed"};
    case ChildOutcome::How::signal:
      if (outcome.value == SIGKILL || outcome.value == SIGTERM) {
        return {Result::unknown, "", "", std::string("the child process was killed from outside (") + strsignal(outcome.value) + ")"};
      }
      return {Result::fail, "crash", "process", std::string("the child process died of: ") + strsignal(outcome.value)};
    case ChildOutcome::How::exit:
      return {Result::fail, "crash", "process",
              fmt::format("the child process exited with status {} before it had reported", outcome.value)};
  }
  return {};
}

const char* word_of(ChildOutcome::How how) {
  switch (how) {
    case ChildOutcome::How::ok: return "ok";
    case ChildOutcome::How::exit: return "exit";
    case ChildOutcome::How::signal: return "signal";
    case ChildOutcome::How::timeout: return "timeout";
    case ChildOutcome::How::interrupted: return "interrupted";
  }
  return "";
}

/// What is to run: a case and the number of its fork.
struct Turn {
  std::size_t index;
  unsigned fork;
};

/// Fork by fork, each in a random order of its own: cases are interleaved, and a sweep that is cut short has nearly the same number of
/// forks of each.
std::vector<Turn> turns_of(std::size_t cases, unsigned forks, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Turn> turns;
  for (unsigned fork = 0; fork < forks; ++fork) {
    const auto begin = static_cast<std::ptrdiff_t>(turns.size());
    for (std::size_t i = 0; i < cases; ++i) turns.push_back({i, fork});
    std::shuffle(turns.begin() + begin, turns.end(), random);
  }
  return turns;
}

class Sweep {
 public:
  explicit Sweep(const SweepOptions& options)
      : options_(options),
        plugins_(load_plugins(options)),
        list_(select_cases(plugins_, options.selection)),
        topology_(load::Topology::detect()) {
    for (const auto& [subject, reason] : left_out_of_build()) list_.left_out.emplace_back(subject, reason);
  }

  void list_names() const {
    for (const Case& each : list_.cases) fmt::print("{}\n", each.name);
  }

  Exit run() {
    if (!load::clock_is_invariant()) {
      throw usage_error(
          "the time stamp counter of this machine is not invariant, so its ticks are no time: rebuild with "
          "-DRACETRACK_MONOTONIC_CLOCK=ON");
    }
    const Interruptions interruptions;
    clock_ = load::calibrate();
    skew_ = load::measure_skew(topology_.compact);
    steal_before_ = Steal::read();
    seed_ = options_.seed.value_or(std::random_device{}());
    const Json machine = machine_facts(topology_, clock_, skew_);
    build_ = build_json();
    const std::filesystem::path where = options_.out.value_or(default_folder());
    if (options_.resume && !std::filesystem::exists(where / "records.jsonl")) {
      throw usage_error("--resume: there is no run in " + where.string());
    }
    folder_.emplace(where, build_, machine.at("fingerprint"));
    if (folder_->unreadable_lines() > 0) {
      fmt::print(stderr, "racetrack: {}: {} unreadable lines are left as they are\n",
                 (folder_->path() / "records.jsonl").string(), folder_->unreadable_lines());
    }
    invocation_ = fmt::format("{}-{}", utc_now(), getpid());
    if (options_.resume) read_what_is_done();

    const auto began = std::chrono::steady_clock::now();
    append_environment("begin", machine);
    const bool interrupted = !run_turns();
    Json end = machine_facts(topology_, clock_, skew_, &steal_before_);
    outcome_ = {{"ended", interrupted ? "interrupted" : "complete"},
                {"done", done_},
                {"planned", planned_},
                {"duration_s", std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()}};
    append_environment("end", end);
    write_documents(end);
    return conclude(interrupted);
  }

 private:
  [[nodiscard]] std::filesystem::path default_folder() const {
    std::string stamp = utc_now().substr(0, 19);
    std::erase(stamp, ':');
    std::erase(stamp, '-');
    return std::filesystem::path("reports") / "runs" / (stamp + "Z-" + build_facts().commit.substr(0, 8));
  }

  /// Cases and forks of earlier invocations that ended well; their records count as this sweep's.
  void read_what_is_done() {
    for (const Json& record : folder_->earlier()) {
      if (record.value("record", "") != "case" || record.value("engine", "") != "bench") continue;
      if (record["ended"]["how"] != "ok") continue;
      finished_.insert({record["case"].get<std::string>(), record["fork"].get<unsigned>()});
      records_.push_back(record);
    }
  }

  void append_environment(const char* phase, const Json& machine) {
    Json record = {{"schema", 1},          {"record", "environment"}, {"engine", "bench"},
                   {"phase", phase},       {"invocation", invocation_}, {"started_at", utc_now()},
                   {"machine", machine},   {"build", build_}};
    if (std::string_view(phase) == "begin") {
      Json names = Json::array(), left_out = Json::array();
      for (const Case& each : list_.cases) names.push_back(each.name);
      for (const auto& [what, why] : list_.left_out) left_out.push_back({{"what", what}, {"why", why}});
      record["plan"] = {{"command", options_.command}, {"seed", seed_},        {"forks", options_.forks},
                        {"min_time_s", options_.min_time_s}, {"cases", names}, {"left_out", left_out}};
    } else {
      record["outcome"] = outcome_;
    }
    folder_->append(record);
  }

  /// False when interrupted.
  bool run_turns() {
    std::vector<Turn> turns = turns_of(list_.cases.size(), options_.forks, seed_);
    std::erase_if(turns, [this](const Turn& turn) {
      return finished_.contains({list_.cases[turn.index].name, turn.fork});
    });
    planned_ = turns.size();
    Progress progress(turns.size(), options_.quiet);
    for (std::size_t i = 0; i < turns.size(); ++i) {
      if (Interruptions::requested()) return false;
      const Case& each = list_.cases[turns[i].index];
      progress.show(i, each.name);
      if (!run_turn(each, turns[i].fork, i, progress)) return false;
    }
    return true;
  }

  bool run_turn(const Case& each, unsigned fork, std::size_t order_index, Progress& progress) {
    measure::TrialPlan plan;
    plan.params = each.params;
    plan.pinning = load::pinning_of(options_.selection.pinning);
    plan.seed = seed_ * 1'000'003U + order_index;
    plan.seed &= (std::uint64_t{1} << 53U) - 1;  // a number that every JSON reader keeps
    plan.min_time_s = options_.min_time_s;
    plan.clock = clock_;
    plan.skew = skew_;
    const std::string started = utc_now();
    const ChildOutcome outcome =
        run_child({"child", std::to_string(getpid())}, job_text(each, plan),
                  std::chrono::milliseconds(static_cast<std::int64_t>(options_.limit_s * 1000)));
    Json answer = outcome.how == ChildOutcome::How::ok ? Json::parse(outcome.answer, nullptr, false) : Json();
    Json record = record_of(each, fork, order_index, plan.seed, started, outcome, answer);
    folder_->append(record);
    if (outcome.how == ChildOutcome::How::interrupted) return false;
    ++done_;
    if (answer.is_object() && answer.contains("benchmark")) {
      documents_.push_back({each.name, fork, std::move(answer["benchmark"])});
    }
    const Json& verdict = record["verdict"];
    if (verdict["as_expected"] == false) {
      progress.tell(fmt::format("{}: {}: {}", each.name,
                                verdict["kind"].is_string() ? verdict["kind"].get<std::string>() : "unknown",
                                verdict["witness"].is_object() ? verdict["witness"]["text"].get<std::string>() : ""));
    }
    records_.push_back(std::move(record));
    return true;
  }

  Json record_of(const Case& each, unsigned fork, std::size_t order_index, std::uint64_t seed,
                 const std::string& started, const ChildOutcome& outcome, const Json& answer) const {
    Json params = Json::object();
    for (const auto& [name, value] : each.params.pairs()) params[name] = value_json(value);
    Json record = {{"schema", 1},
                   {"record", "case"},
                   {"engine", "bench"},
                   {"invocation", invocation_},
                   {"language", "c++"},
                   {"case", each.name},
                   {"family", each.scenario->family},
                   {"workload", each.scenario->workload},
                   {"subject", each.scenario->subject},
                   {"control", each.scenario->standing == Standing::control},
                   {"params", std::move(params)},
                   {"traits", traits_json(*each.scenario, each.params)},
                   {"fork", fork},
                   {"order_index", order_index},
                   {"seed", seed},
                   {"build", build_},
                   {"ended", {{"how", word_of(outcome.how)}, {"value", outcome.value}}},
                   {"started_at", started},
                   {"duration_s", outcome.seconds}};
    if (outcome.how != ChildOutcome::How::ok && !outcome.last_output.empty()) {
      record["ended"]["output"] = outcome.last_output;
    }
    if (answer.is_object()) {
      for (const char* key : {"verdict", "metrics", "values", "histograms", "oversubscribed", "placement"}) {
        record[key] = answer.at(key);
      }
      record["verdict"]["as_expected"] = answer.at("as_expected");
    } else {
      const Verdict verdict = verdict_of(outcome);
      const bool failed = verdict.result == Result::fail;
      record["verdict"] = {{"result", failed ? "fail" : "unknown"},
                           {"kind", failed ? Json(verdict.kind) : Json()},
                           {"detector", failed ? Json(verdict.detector) : Json()},
                           {"k", failed ? 1 : 0},
                           {"n", 1},
                           {"as_expected", oracle::as_expected(each.scenario->expectation, verdict)},
                           {"witness", {{"text", verdict.witness}}},
                           {"replay", nullptr}};
      for (const char* key : {"metrics", "values", "histograms"}) record[key] = Json::object();
      record["oversubscribed"] = false;
      record["placement"] = Json::array();
    }
    record["verdict"]["expectation"] = expectation_json(each.scenario->expectation);
    if (record["verdict"]["result"] == "fail") {
      record["verdict"]["replay"] = fmt::format("racetrack bench '^{}$' --full --forks 1 --seed {}", each.name, seed);
    }
    return record;
  }

  void write_documents(const Json& machine) const {
    folder_->write_file("environment.json", Json{{"machine", machine}, {"build", build_}}.dump(2) + "\n");
    // A resumed run keeps what earlier invocations measured.
    std::vector<ForkDocument> documents = documents_;
    std::ifstream earlier(folder_->path() / "benchmark.json");
    const Json before = Json::parse(earlier, nullptr, false);
    if (before.is_object() && before.contains("benchmarks")) {
      std::set<std::pair<std::string, unsigned>> known;
      for (const ForkDocument& each : documents) known.insert({each.name, each.fork});
      for (const Json& entry : before["benchmarks"]) {
        const std::string name = entry.value("name", "");
        const unsigned fork = entry.value("repetition_index", 0U);
        if (known.contains({name, fork})) continue;
        documents.push_back({name, fork, {{"context", before["context"]}, {"benchmarks", Json::array({entry})}}});
      }
    }
    const std::string text = merge_benchmarks(std::move(documents), options_.forks).dump(2) + "\n";
    folder_->write_file("benchmark.json", text);
    if (!options_.benchmark_out.empty()) {
      std::ofstream out(options_.benchmark_out);
      if (!(out << text << std::flush)) {
        throw Failure(Exit::incomplete, "--benchmark_out " + options_.benchmark_out + ": cannot be written");
      }
    }
  }

  Exit conclude(bool interrupted) const {
    std::size_t unexpected = 0, unanswered = 0;
    for (const Json& record : records_) {
      if (record["verdict"]["as_expected"] == false) ++unexpected;
      if (record["ended"]["how"] != "ok" && record["verdict"]["result"] == "unknown") ++unanswered;
    }
    if (options_.format == "json") {
      std::ifstream document(folder_->path() / "benchmark.json");
      std::cout << document.rdbuf();
    } else {
      fmt::print("{}\n", summary_table(records_));
    }
    fmt::print(stderr, "{}: {} of {} runs of {} cases, {} not as expected; records in {}\n",
               interrupted ? "interrupted" : "done", done_, planned_, list_.cases.size(), unexpected,
               (folder_->path() / "records.jsonl").string());
    if (interrupted || unanswered > 0) {
      fmt::print(stderr, "go on with: racetrack bench --resume --out {}{}\n", folder_->path().string(),
                 options_.selection.filter.empty() ? "" : " '" + options_.selection.filter + "'");
    }
    if (interrupted) return Exit::incomplete;
    if (unexpected > 0) return Exit::unexpected;
    return unanswered > 0 ? Exit::incomplete : Exit::as_expected;
  }

  const SweepOptions& options_;
  std::vector<Plugin> plugins_;
  CaseList list_;
  load::Topology topology_;
  Clock clock_{};
  Ticks skew_ = 0;
  Steal steal_before_{};
  std::uint64_t seed_ = 0;
  Json build_, outcome_;
  std::optional<RunFolder> folder_;
  std::string invocation_;
  std::set<std::pair<std::string, unsigned>> finished_;
  std::vector<Json> records_;
  std::vector<ForkDocument> documents_;
  std::size_t done_ = 0, planned_ = 0;
};

}  // namespace

Exit run_bench(const SweepOptions& options) {
  Sweep sweep(options);
  if (options.list_only) {
    sweep.list_names();
    return Exit::as_expected;
  }
  return sweep.run();
}

}  // namespace racetrack::host
