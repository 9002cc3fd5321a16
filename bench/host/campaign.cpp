#include "host/campaign.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

#include "host/answer.hpp"
#include "host/build_facts.hpp"
#include "host/doctor.hpp"
#include "host/finding_record.hpp"
#include "host/safe_text.hpp"
#include "host/thread_sanitizer.hpp"
#include "load/calibration.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

void append_arguments(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

/// Returns the --plugin option for the case, or nothing for racetrack's own plugins.
std::vector<std::string> plugin_arguments(const CampaignOptions& options, const Case& which) {
  const auto& named = options.plugins;
  if (std::find(named.begin(), named.end(), which.plugin) == named.end()) return {};
  return option_arguments("--plugin", which.plugin.string());
}

}  // namespace

std::vector<std::string> option_arguments(const std::string& option, const std::string& value) {
  if (value.starts_with('-')) return {option + "=" + value};
  return {option, value};
}

std::string replay_command(const CampaignOptions& options, const Case& which, const std::string& token,
                           const std::vector<std::string>& more) {
  std::vector<std::string> words{"racetrack", "replay", token};
  append_arguments(words, plugin_arguments(options, which));
  append_arguments(words, more);
  return shell_command(words);
}

std::string with_own_path(const std::string& command) {
  const std::string own = program_invocation_name;
  constexpr std::string_view kName = "racetrack ";
  if (!command.starts_with(kName) || own.find('/') == std::string::npos) return command;
  return shell_word(own) + command.substr(kName.size() - 1);
}

std::vector<Plugin> load_plugins(const std::vector<std::filesystem::path>& named, bool with_builtin) {
  std::vector<Plugin> plugins;
  for (const auto& file : named) plugins.push_back(load_plugin(file));
  if (named.empty() || with_builtin) {
    for (const auto& file : own_plugins()) plugins.push_back(load_plugin(file));
  }
  if (plugins.empty()) {
    throw Failure(Exit::nothing, "this racetrack has no plugins: build them (make build) or name one with --plugin");
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

/// Prints one line for each reason why --param leaves out scenarios.
void print_refused(const std::vector<Refused>& refused) {
  std::map<std::string, std::string> scenarios;
  for (const Refused& each : refused) {
    std::string& names = scenarios[each.why];
    names += (names.empty() ? "" : ", ") + each.scenario;
  }
  for (const auto& [why, names] : scenarios) print_safely(stderr, "racetrack: left out: {} in {}\n", why, names);
}

}  // namespace

Campaign::Campaign(const CampaignOptions& options, EngineName engine)
    : options_(options),
      command_(std::move(engine.command)),
      head_{std::move(engine.in_records), fmt::format("{}-{}", utc_now(), getpid()), build_json()},
      plugins_(load_plugins(options.plugins, options.with_builtin)),
      list_(select_cases(plugins_, options.selection)),
      topology_(load::Topology::detect()),
      times_(engine.times) {
  for (const auto& [subject, reason] : left_out_of_build()) list_.left_out.emplace_back(subject, reason);
  for (std::uint32_t i = 0; i < list_.cases.size(); ++i) places_[list_.cases[i].name] = i;
}

void Campaign::begin(unsigned forks, double min_time_s) {
  if (times_ && !load::clock_is_invariant()) {
    throw usage_error(
        "the time stamp counter of this machine is not invariant, so its ticks do not measure time: rebuild with "
        "-DRACETRACK_MONOTONIC_CLOCK=ON");
  }
  const bool pins = std::any_of(list_.cases.begin(), list_.cases.end(), [](const Case& each) {
    return load::pinning_of(each.params.text("pin")) != load::Pinning::none;
  });
  if (pins && head_.engine != "explore" && !load::pinning_is_allowed()) {
    throw usage_error("the system refuses to pin threads (sched_setaffinity): use --pin none, or allow it");
  }
  const Steal at_first = Steal::read();
  if (times_) {
    clock_ = load::calibrate();
    skew_ = load::measure_skew(topology_.compact);
  }
  steal_before_ = Steal::read();
  seed_ = options_.seed.value_or(std::random_device{}());
  const Json machine = machine_facts(topology_, times_ ? &clock_ : nullptr, skew_);
  std::error_code error;
  if (options_.resume && !std::filesystem::exists(*options_.out / "records.jsonl", error)) {
    throw usage_error("--resume: " + options_.out->string() + " contains no run" +
                      (error ? " (" + error.message() + ")" : "") + ": leave out --resume, or correct --out");
  }
  const std::filesystem::path where = options_.out ? *options_.out : new_folder();
  folder_.emplace(where, head_.engine, head_.build, machine.at("fingerprint").get<std::string>(),
                  [this](Json&& record) {
                    if (options_.resume) take_earlier(record);
                  });
  std::sort(finished_.begin(), finished_.end());
  if (folder_->unreadable_lines() > 0) {
    print_safely(stderr, "racetrack: {}: {} unreadable lines are ignored and left unchanged\n",
                 (folder_->path() / "records.jsonl").string(), folder_->unreadable_lines());
  }
  if (folder_->lost_bytes() > 0) {
    print_safely(stderr, "racetrack: {}: has lost {} bytes at its end: records are missing{}\n",
                 (folder_->path() / "records.jsonl").string(), folder_->lost_bytes(),
                 options_.resume ? ", and their turns run again" : "; --resume runs their turns again");
  }
  if (options_.resume && folder_->lost_bytes() > 0) folder_->accept_loss();
  if (!options_.quiet && head_.engine == "bench") {
    print_safely(stderr, "{}", noise_before_run(machine_facts(topology_, &clock_, skew_, &at_first)));
  }
  if (!options_.quiet) print_refused(list_.refused);
  began_ = std::chrono::steady_clock::now();
  Json names = Json::array(), left_out = Json::array();
  for (const Case& each : list_.cases) names.push_back(each.name);
  for (const auto& [what, why] : list_.left_out) left_out.push_back({{"what", what}, {"why", why}});
  append_environment("begin", machine, "plan",
                     {{"command", shell_command(call_with({}))},
                      {"seed", seed_},
                      {"forks", forks},
                      {"min_time_s", min_time_s},
                      {"cases", std::move(names)},
                      {"left_out", std::move(left_out)}});
}

void Campaign::end(bool interrupted) {
  const Json machine = machine_facts(topology_, times_ ? &clock_ : nullptr, skew_, &steal_before_);
  append_environment(
      "end", machine, "outcome",
      {{"ended", interrupted ? "interrupted" : "complete"},
       {"done", done_},
       {"planned", planned_},
       {"records", folder_->appended() + 1},  // including this record
       {"duration_s", std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count()}});
  folder_->write_file("environment.json", Json{{"machine", machine}, {"build", head_.build}}.dump(2) + "\n");
}

std::uint64_t Campaign::seed_of(std::size_t order_index) const noexcept {
  return (seed_ + order_index) & ((std::uint64_t{1} << 53U) - 1);
}

std::vector<Campaign::Planned> Campaign::turns(unsigned forks) const {
  std::vector<Planned> turns;
  turns.reserve(forks * cases().size());
  for (std::uint32_t fork = 0; fork < forks; ++fork) {
    for (std::uint32_t which = 0; which < cases().size(); ++which) turns.push_back({which, fork});
  }
  return turns;
}

bool Campaign::take_turns(const std::vector<Planned>& turns, const std::function<bool(const Turn&, Progress&)>& take) {
  const auto is_done = [this](const Planned& turn) {
    return std::binary_search(finished_.begin(), finished_.end(), turn);
  };
  plan_turns(turns.size() - static_cast<std::size_t>(std::count_if(turns.begin(), turns.end(), is_done)));
  Progress progress(planned_, options_.quiet);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    // Finished turns keep their indices, so that the remaining turns get the same seeds as without an interruption.
    if (is_done(turns[i])) continue;
    if (Interruptions::requested()) return false;
    const Turn turn{&cases()[turns[i].which], turns[i].fork, i, seed_of(i), utc_now()};
    progress.show(taken++, turn.which->name);
    if (!take(turn, progress)) return false;
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
  const auto run = [&]() -> ChildOutcome {
    try {
      return run_child({"child"}, job, limit, variables);
    } catch (const Failure& failure) {
      // The system refused a process or a descriptor. The next turn may get one.
      ChildOutcome none;
      none.how = ChildOutcome::How::harness;
      none.doubt = failure.what();
      return none;
    }
  };
  ChildOutcome outcome = run();
  if (tsan_found_its_addresses_taken(outcome) && stop_randomising_addresses()) outcome = run();
  // The child answered and ended normally. ThreadSanitizer's exit status for reports is then not a failure of the
  // child.
  const bool reported = built_for_tsan() && outcome.how == ChildOutcome::How::exit && outcome.value == kTsanReported;
  if (reported && Json::accept(outcome.answer)) outcome.how = ChildOutcome::How::ok;
  check_answer(outcome);
  return outcome;
}

std::optional<Json> Campaign::keep(const Turn& turn, const ChildOutcome& outcome, const Json& answer,
                                   const std::string& replay, bool disturbed) {
  Json record = case_record(head_, turn, outcome, answer, replay);
  if (disturbed) record["disturbed"] = true;
  folder_->append(record);
  if (outcome.how == ChildOutcome::How::interrupted) return std::nullopt;
  ++done_;
  count(record);
  return record;
}

Json Campaign::finding(const Turn& turn, const DeadlockFinding& seen) const {
  return finding_record(head_, turn, seen);
}

Exit Campaign::conclude(bool interrupted) const {
  folder_->check();
  print_safely(stderr, "{}: {} of {} runs of {} case{}, {} not as expected{}; records in {}\n",
               interrupted ? "interrupted" : "done", done_, planned_, list_.cases.size(),
               list_.cases.size() == 1 ? "" : "s", unexpected_,
               inconclusive_ == 0 ? "" : fmt::format(" ({} of them inconclusive)", inconclusive_),
               (folder_->path() / "records.jsonl").string());
  if (options_.resumable && (interrupted || unanswered_ > 0)) {
    std::vector<std::string> resume{"--resume"};
    append_arguments(resume, option_arguments("--out", folder_->path().string()));
    print_safely(stderr, "continue with: {}\n", with_own_path(shell_command(call_with(resume))));
  }
  if (folder_->is_too_large_to_read()) {
    print_safely(stderr, "racetrack: {}: has more than 1 GiB: the report and --resume cannot read it\n",
                 (folder_->path() / "records.jsonl").string());
  }
  if (interrupted) return Exit::incomplete;
  if (unexpected_ > inconclusive_) return Exit::unexpected;
  return inconclusive_ > 0 ? Exit::incomplete : Exit::as_expected;
}

std::vector<std::string> Campaign::call_with(const std::vector<std::string>& first) const {
  std::vector<std::string> words{"racetrack", command_};
  append_arguments(words, first);
  if (!options_.seed) append_arguments(words, {"--seed", std::to_string(seed_)});
  std::vector<std::string> others = options_.arguments;
  if (const auto engine = std::find(others.begin(), others.end(), command_); engine != others.end())
    others.erase(engine);
  append_arguments(words, others);
  return words;
}

std::string Campaign::rerun_command(const Turn& turn, const std::vector<std::string>& more) const {
  std::vector<std::string> words{"racetrack", command_, "--case", turn.which->name};
  append_arguments(words, plugin_arguments(options_, *turn.which));
  append_arguments(words, more);
  append_arguments(words, {"--seed", std::to_string(turn.seed)});
  return shell_command(words);
}

std::filesystem::path Campaign::new_folder() {
  std::string stamp = utc_now().substr(0, 19);
  std::erase(stamp, ':');
  std::erase(stamp, '-');
  return make_new_folder(std::filesystem::path("reports") / "runs", stamp + "Z-" + short_commit());
}

void Campaign::take_earlier(const Json& record) {
  if (record["record"] != "case" || record["engine"] != head_.engine || record["ended"]["how"] != "ok") return;
  const auto which = places_.find(record["case"].get<std::string>());
  if (which != places_.end()) finished_.push_back({which->second, record["fork"].get<std::uint32_t>()});
  count(record);
}

void Campaign::count(const Json& record) {
  if (observer_) observer_(record);
  if (record["verdict"].value("as_expected", Json()) == true) return;
  ++unexpected_;
  if (record["verdict"]["result"] != "unknown") return;
  ++inconclusive_;
  if (record["ended"]["how"] != "ok") ++unanswered_;
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
