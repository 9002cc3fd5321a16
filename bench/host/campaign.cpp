#include "host/campaign.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

#include "host/build_facts.hpp"
#include "host/finding_record.hpp"
#include "host/thread_sanitizer.hpp"
#include "load/calibration.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

}  // namespace

std::string replay_command(const CampaignOptions& options, const Case& which, const std::string& token) {
  const auto& named = options.plugins;
  const bool own = std::find(named.begin(), named.end(), which.plugin) == named.end();
  return "racetrack replay " + token + (own ? "" : fmt::format(" --plugin '{}'", which.plugin.string()));
}

std::vector<Plugin> load_plugins(const std::vector<std::filesystem::path>& named, bool with_builtin) {
  std::vector<Plugin> plugins;
  for (const auto& file : named) plugins.push_back(load_plugin(file));
  if (named.empty() || with_builtin) {
    for (const auto& file : own_plugins()) plugins.push_back(load_plugin(file));
  }
  if (plugins.empty()) {
    throw Failure(Exit::nothing,
                  "there are no plugins beside this racetrack: build them (make build) or name one with --plugin");
  }
  std::map<std::string, std::filesystem::path> registered;
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      const auto [first, is_new] = registered.try_emplace(scenario.name(), plugin.file);
      if (is_new) continue;
      throw usage_error("plugin " + plugin.file.string() + ": registers " + scenario.name() + ", as " +
                        first->second.string() + " does: give it another name");
    }
  }
  return plugins;
}

namespace {

/// One line for each reason why --param leaves out scenarios.
void print_refused(const std::vector<Refused>& refused) {
  std::map<std::string, std::string> scenarios;
  for (const Refused& each : refused) {
    std::string& names = scenarios[each.why];
    names += (names.empty() ? "" : ", ") + each.scenario;
  }
  for (const auto& [why, names] : scenarios) fmt::print(stderr, "racetrack: left out: {} in {}\n", why, names);
}

}  // namespace

Campaign::Campaign(const CampaignOptions& options, EngineName engine)
    : options_(options),
      command_(std::move(engine.command)),
      head_{std::move(engine.in_records), fmt::format("{}-{}", utc_now(), getpid()), build_json()},
      plugins_(load_plugins(options.plugins, options.with_builtin)),
      list_(select_cases(plugins_, options.selection)),
      topology_(load::Topology::detect()) {
  for (const auto& [subject, reason] : left_out_of_build()) list_.left_out.emplace_back(subject, reason);
}

void Campaign::begin(unsigned forks, double min_time_s) {
  if (!load::clock_is_invariant()) {
    throw usage_error(
        "the time stamp counter of this machine is not invariant, so its ticks are no time: rebuild with "
        "-DRACETRACK_MONOTONIC_CLOCK=ON");
  }
  clock_ = load::calibrate();
  skew_ = load::measure_skew(topology_.compact);
  steal_before_ = Steal::read();
  seed_ = options_.seed.value_or(std::random_device{}());
  const Json machine = machine_facts(topology_, clock_, skew_);
  const std::filesystem::path where = options_.out.value_or(default_folder());
  if (options_.resume && !std::filesystem::exists(where / "records.jsonl")) {
    throw usage_error("--resume: there is no run in " + where.string());
  }
  folder_.emplace(where, head_.build, machine.at("fingerprint").get<std::string>());
  if (folder_->unreadable_lines() > 0) {
    fmt::print(stderr, "racetrack: {}: {} unreadable lines are left as they are\n",
               (folder_->path() / "records.jsonl").string(), folder_->unreadable_lines());
  }
  if (folder_->lost_bytes() > 0) {
    fmt::print(stderr, "racetrack: {}: has lost {} bytes at its end: records are missing{}\n",
               (folder_->path() / "records.jsonl").string(), folder_->lost_bytes(),
               options_.resume ? ", and their turns run again" : "; --resume runs their turns again");
  }
  if (options_.resume) {
    if (folder_->lost_bytes() > 0) folder_->accept_loss();
    read_what_is_done();
  }
  if (!options_.quiet) print_refused(list_.refused);
  began_ = std::chrono::steady_clock::now();
  Json names = Json::array(), left_out = Json::array();
  for (const Case& each : list_.cases) names.push_back(each.name);
  for (const auto& [what, why] : list_.left_out) left_out.push_back({{"what", what}, {"why", why}});
  append_environment("begin", machine, "plan",
                     {{"command", options_.command},
                      {"seed", seed_},
                      {"forks", forks},
                      {"min_time_s", min_time_s},
                      {"cases", std::move(names)},
                      {"left_out", std::move(left_out)}});
}

void Campaign::end(bool interrupted) {
  const Json machine = machine_facts(topology_, clock_, skew_, &steal_before_);
  append_environment(
      "end", machine, "outcome",
      {{"ended", interrupted ? "interrupted" : "complete"},
       {"done", done_},
       {"planned", planned_},
       {"records", folder_->appended() + 1},  // this one too
       {"duration_s", std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count()}});
  folder_->write_file("environment.json", Json{{"machine", machine}, {"build", head_.build}}.dump(2) + "\n");
}

std::uint64_t Campaign::seed_of(std::size_t order_index) const noexcept {
  return (seed_ + order_index) & ((std::uint64_t{1} << 53U) - 1);
}

std::vector<Turn> Campaign::turns(unsigned forks) const {
  std::vector<Turn> turns;
  for (unsigned fork = 0; fork < forks; ++fork) {
    for (const Case& each : cases()) turns.push_back({&each, fork, 0, 0, {}});
  }
  return turns;
}

bool Campaign::take_turns(std::vector<Turn> turns, const std::function<bool(const Turn&, Progress&)>& take) {
  std::erase_if(turns, [this](const Turn& turn) { return is_done(turn.which->name, turn.fork); });
  plan_turns(turns.size());
  Progress progress(turns.size(), options_.quiet);
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (Interruptions::requested()) return false;
    turns[i].order_index = i;
    turns[i].seed = seed_of(i);
    turns[i].started_at = utc_now();
    progress.show(i, turns[i].which->name);
    if (!take(turns[i], progress)) return false;
  }
  return true;
}

ChildOutcome Campaign::run(const Turn& turn, const std::string& job, Variables variables) const {
  if (built_for_tsan()) {
    std::string invocation = head_.invocation;
    std::erase(invocation, ':');
    const char* const users = std::getenv("TSAN_OPTIONS");
    const auto log = folder_->make_folder("tsan/" + invocation) / fmt::format("{:05}", turn.order_index);
    variables.emplace_back("TSAN_OPTIONS", tsan_options(users != nullptr ? users : "", log));
  }
  const auto limit = std::chrono::milliseconds(static_cast<std::int64_t>(options_.limit_s * 1000));
  const auto run = [&] { return run_child({"child"}, job, limit, variables); };
  ChildOutcome outcome = run();
  if (tsan_found_its_addresses_taken(outcome) && stop_randomising_addresses()) outcome = run();
  // It has answered and ended as it should: that it ended with reports is not what became of it.
  const bool reported = built_for_tsan() && outcome.how == ChildOutcome::How::exit && outcome.value == kTsanReported;
  if (reported && Json::accept(outcome.answer)) outcome.how = ChildOutcome::How::ok;
  return outcome;
}

std::optional<Json> Campaign::keep(const Turn& turn, const ChildOutcome& outcome, const Json& answer,
                                   const std::string& replay) {
  Json record = case_record(head_, turn, outcome, answer, replay);
  folder_->append(record);
  if (outcome.how == ChildOutcome::How::interrupted) return std::nullopt;
  ++done_;
  records_.push_back(record);
  return record;
}

Json Campaign::finding(const Turn& turn, const DeadlockFinding& seen) const {
  return finding_record(head_, turn, seen);
}

bool Campaign::is_done(const std::string& name, unsigned fork) const {
  return std::find(finished_.begin(), finished_.end(), std::pair{name, fork}) != finished_.end();
}

Exit Campaign::conclude(bool interrupted) const {
  std::size_t unexpected = 0, inconclusive = 0, unanswered = 0;
  for (const Json& record : records_) {
    if (record["verdict"]["as_expected"] == true) continue;
    ++unexpected;
    if (record["verdict"]["result"] != "unknown") continue;
    ++inconclusive;
    if (record["ended"]["how"] != "ok") ++unanswered;
  }
  fmt::print(stderr, "{}: {} of {} runs of {} case{}, {} not as expected{}; records in {}\n",
             interrupted ? "interrupted" : "done", done_, planned_, list_.cases.size(),
             list_.cases.size() == 1 ? "" : "s", unexpected,
             inconclusive == 0 ? "" : fmt::format(" ({} of them inconclusive)", inconclusive),
             (folder_->path() / "records.jsonl").string());
  if (interrupted || unanswered > 0) {
    fmt::print(stderr, "go on with: racetrack {} --resume --out {}{}\n", command_, folder_->path().string(),
               options_.selection.filter.empty() ? "" : " '" + options_.selection.filter + "'");
  }
  if (interrupted) return Exit::incomplete;
  if (unexpected > inconclusive) return Exit::unexpected;
  return inconclusive > 0 ? Exit::incomplete : Exit::as_expected;
}

std::filesystem::path Campaign::default_folder() const {
  std::string stamp = utc_now().substr(0, 19);
  std::erase(stamp, ':');
  std::erase(stamp, '-');
  return std::filesystem::path("reports") / "runs" / (stamp + "Z-" + build_facts().commit.substr(0, 8));
}

void Campaign::read_what_is_done() {
  for (const Json& record : folder_->earlier()) {
    if (record.value("record", "") != "case" || record.value("engine", "") != head_.engine) continue;
    if (record["ended"]["how"] != "ok") continue;
    finished_.emplace_back(record["case"].get<std::string>(), record["fork"].get<unsigned>());
    records_.push_back(record);
  }
}

void Campaign::append_environment(const char* phase, const Json& machine, const char* key, Json value) {
  folder_->append({{"schema", 1},
                   {"record", "environment"},
                   {"engine", head_.engine},
                   {"phase", phase},
                   {"invocation", head_.invocation},
                   {"started_at", utc_now()},
                   {"machine", machine},
                   {"build", head_.build},
                   {key, std::move(value)}});
}

}  // namespace racetrack::host
