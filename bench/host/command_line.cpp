#include "host/command_line.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "host/build_facts.hpp"
#include "host/doctor.hpp"
#include "host/explore_command.hpp"
#include "host/google_flags.hpp"
#include "host/list.hpp"
#include "host/replay_token.hpp"
#include "host/stress_command.hpp"
#include "host/sweep.hpp"
#include "stress/trial.hpp"

namespace racetrack::host {
namespace {

/// As a shell would read it again.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-+=:,./@%") == std::string::npos;
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// "producers=1,2" -> ("producers", {"1", "2"}).
std::pair<std::string, std::vector<std::string>> parse_param(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw usage_error("--param " + text + ": write --param NAME=VALUE[,VALUE...]");
  }
  std::vector<std::string> values;
  for (std::size_t begin = equals + 1; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    values.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return {text.substr(0, equals), values};
}

void add_plugin_option(CLI::App& command, std::vector<std::string>& plugins, bool& with_builtin) {
  command.add_option("--plugin", plugins, "A plugin to load instead of racetrack's own subjects (repeatable)")
      ->allow_extra_args(false);  // what follows is the filter
  command.add_flag("--with-builtin", with_builtin, "With --plugin: race it against racetrack's own subjects");
}

struct BenchWords {
  SweepOptions sweep;
  std::vector<std::string> plugins, params;
  std::string out;
};

CLI::App& add_bench(CLI::App& app, BenchWords& words) {
  CLI::App& bench = *app.add_subcommand("bench", "Judge, then time: every case in child processes, interleaved");
  SweepOptions& sweep = words.sweep;
  bench.add_option("FILTER", sweep.selection.filter, "Regular expression searched in the case name");
  add_plugin_option(bench, words.plugins, sweep.with_builtin);
  bench.add_option("--param", words.params, "NAME=V1[,V2...]: these values instead of the sweep's (repeatable)")
      ->allow_extra_args(false);
  bench.add_flag("--full", sweep.selection.full, "The full sweep instead of the default one");
  bench.add_option("--forks", sweep.forks, "Child processes per case (= --benchmark_repetitions)")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  bench.add_option("--time", sweep.min_time_s, "Seconds of timed rounds per fork (= --benchmark_min_time)")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  bench.add_option("--limit", sweep.limit_s, "Seconds after which a child is killed")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  bench.add_option("--pin", sweep.selection.pinning, "compact, scatter or none")
      ->check(CLI::IsMember({"compact", "scatter", "none"}))
      ->capture_default_str();
  bench.add_option("--seed", sweep.seed, "Of the order of cases and of the workloads; random when left out");
  bench.add_option("--out", words.out, "The run's folder (default: a new one in reports/runs)");
  CLI::Option* const resume =
      bench.add_flag("--resume", sweep.resume, "Go on with the run in --out: only what has not ended well");
  bench
      .add_flag("--schedule", sweep.schedule,
                "Run the turns that standard input names, one line CASE FORK SEED each, and print their records")
      ->excludes(resume);
  bench.add_flag("--quiet", sweep.quiet, "No progress");
  bench.footer(
      "Google Benchmark's flags for filter, repetitions, min_time, out, out_format, format and list_tests work too.");
  bench.allow_extras();
  return bench;
}

struct StressWords {
  StressOptions stress;
  std::vector<std::string> plugins, params;
  std::string out;
};

CLI::App& add_stress(CLI::App& app, StressWords& words) {
  CLI::App& command =
      *app.add_subcommand("stress", "Disturbed rounds on real threads, judged by oracles; controls too");
  StressOptions& stress = words.stress;
  stress.selection.stress = true;
  command.add_option("FILTER", stress.selection.filter, "Regular expression searched in the case name");
  add_plugin_option(command, words.plugins, stress.with_builtin);
  command.add_option("--param", words.params, "NAME=V1[,V2...]: these values instead of the engine's (repeatable)");
  command.add_option("--time", stress.seconds, "Seconds of rounds per case and run")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  command.add_option("--runs", stress.runs, "Child processes per case")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--patience", stress.patience_s, "Seconds after which a round hangs")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command.add_option("--pin", stress.selection.pinning, "compact, scatter or none")
      ->check(CLI::IsMember({"compact", "scatter", "none"}))
      ->capture_default_str();
  command.add_option("--seed", stress.seed, "Of rounds and disturbances; random when left out");
  command.add_option("--out", words.out, "The run's folder (default: a new one in reports/runs)");
  command.add_flag("--resume", stress.resume, "Go on with the run in --out: only what has not ended well");
  command.add_flag("--quiet", stress.quiet, "No progress");
  return command;
}

struct ExploreWords {
  ExploreOptions explore;
  std::vector<std::string> plugins, params;
  std::string out, memory = "sc";
};

CLI::App& add_explore(CLI::App& app, ExploreWords& words) {
  CLI::App& command =
      *app.add_subcommand("explore", "Every schedule, or very many: small rounds, deterministic, replayable");
  ExploreOptions& explore = words.explore;
  explore.selection.explore = true;
  explore.selection.pinning = "none";
  command.add_option("FILTER", explore.selection.filter, "Regular expression searched in the case name");
  add_plugin_option(command, words.plugins, explore.with_builtin);
  command.add_option("--param", words.params, "NAME=V1[,V2...]: these values instead of the engine's (repeatable)");
  command.add_option("--time", explore.seconds, "Seconds of executions per case")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  command.add_option("--executions", explore.executions,
                     "At most so many per case; all that fit the time when left out");
  command.add_option("--strategy", explore.strategies,
                     "Only this one (repeatable): random, surw, pos, urw, pct2..4, dfs0..3, dfs, dfs_unreduced");
  command
      .add_option("--memory", words.memory, "sc: loads read the latest store; weak: or an older one that C++ lets them")
      ->check(CLI::IsMember({"sc", "weak"}))
      ->capture_default_str();
  command.add_option("--steps", explore.steps, "Steps that an execution may have")
      ->check(CLI::Range(1U, 1U << 30U))
      ->capture_default_str();
  command.add_option("--threads", explore.threads, "Threads that an execution may have, up to 64")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  command.add_option("--memory-limit", explore.memory_limit, "MiB that an execution may allocate")
      ->check(CLI::Range(std::size_t{1}, std::size_t{4096}))
      ->capture_default_str();
  command.add_option("--fill", explore.fill, "Content of new heap blocks; random: other bytes in each execution")
      ->check(CLI::IsMember({"pattern", "zero", "random"}))
      ->capture_default_str();
  command.add_flag("--keep-going", explore.keep_going, "Search for all distinct findings of each case");
  command
      .add_option(
          "--races", explore.races,
          "report: races are findings; ignore: search for other faults only; steps: the same, with plain accesses "
          "as scheduling points")
      ->check(CLI::IsMember({"report", "ignore", "steps"}))
      ->capture_default_str();
  command.add_option("--suppress", explore.suppress,
                     "File of findings not to report, a line each: KIND PLACE [PLACE] -- REASON");
  command.add_option("--seed", explore.seed, "Of the strategies; random when left out");
  command.add_option("--out", words.out, "The run's folder (default: a new one in reports/runs)");
  command.add_flag("--resume", explore.resume, "Go on with the run in --out: only what has not ended well");
  command.add_flag("--quiet", explore.quiet, "No progress");
  return command;
}

/// What all engines make of their words.
void take_common(CampaignOptions& options, const std::vector<std::string>& plugins,
                 const std::vector<std::string>& params, const std::string& out,
                 const std::vector<std::string>& all_words) {
  for (const std::string& plugin : plugins) options.plugins.emplace_back(plugin);
  for (const std::string& param : params) options.selection.params.push_back(parse_param(param));
  if (!out.empty()) options.out = out;
  if (options.resume && out.empty()) throw usage_error("--resume: name the run with --out FOLDER");
  options.command = "racetrack";
  for (std::size_t i = 0; i < all_words.size(); ++i) {
    // Where this run was kept is no part of how to repeat it, and no reader's business.
    if (all_words[i].starts_with("--out=") || all_words[i] == "--resume") continue;
    if (all_words[i] == "--out") {
      ++i;
      continue;
    }
    options.command += " " + quoted(all_words[i]);
  }
}

Exit do_stress(StressWords& words, const std::vector<std::string>& all_words) {
  take_common(words.stress, words.plugins, words.params, words.out, all_words);
  words.stress.limit_s = words.stress.seconds * stress::kMostTimes + words.stress.patience_s * 2 + 30;
  return run_stress_command(words.stress);
}

Exit do_explore(ExploreWords& words, const std::vector<std::string>& all_words) {
  take_common(words.explore, words.plugins, words.params, words.out, all_words);
  words.explore.limit_s = words.explore.seconds * 3 + 60;
  words.explore.selection.weak = words.memory == "weak";
  return run_explore_command(words.explore);
}

Exit do_bench(BenchWords& words, const std::vector<std::string>& all_words) {
  take_common(words.sweep, words.plugins, words.params, words.out, all_words);
  return run_bench(words.sweep);
}

}  // namespace

Exit run_command_line(int argc, char** argv) {
  CLI::App app("Races queues and other concurrent C++ code: how fast, how fair, and right?", "racetrack");
  app.set_version_flag(
      "--version", fmt::format("racetrack {} ({}, {}, {})", build_facts().version, build_facts().commit.substr(0, 12),
                               build_facts().flavour, build_facts().compiler));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all as expected, 1 not as expected, 2 usage, 3 incomplete, 4 nothing ran, 70 the harness failed.");

  BenchWords bench_words;
  const CLI::App& bench = add_bench(app, bench_words);

  StressWords stress_words;
  const CLI::App& stress = add_stress(app, stress_words);

  ExploreWords explore_words;
  const CLI::App& explore = add_explore(app, explore_words);

  ReplayOptions replay_options;
  std::vector<std::string> replay_plugins;
  CLI::App& replay = *app.add_subcommand("replay", "Run a failed round again and again, or judge a kept history again");
  replay.add_option("TOKEN", replay_options.what, "A token from a replay line, or a history file")->required();
  replay.add_option("--time", replay_options.seconds, "Seconds of rounds")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  bool replay_prints = false;
  replay.add_flag("--print", replay_prints, "Of an explored schedule: every step");
  replay.add_option("--plugin", replay_plugins, "A plugin to load instead of racetrack's own subjects (repeatable)");

  std::string list_filter;
  bool list_json = false, list_with_builtin = false;
  std::vector<std::string> list_plugins;
  CLI::App& list = *app.add_subcommand("list", "What there is to race");
  list.add_option("FILTER", list_filter, "Regular expression searched in family/workload/subject");
  list.add_flag("--json", list_json, "As JSON");
  add_plugin_option(list, list_plugins, list_with_builtin);

  app.add_subcommand("deadlock", "Any program under the deadlock detector: deadlock [OPTION...] -- PROGRAM...");

  bool doctor_json = false;
  CLI::App& doctor = *app.add_subcommand("doctor", "What on this machine will spoil a measurement");
  doctor.add_flag("--json", doctor_json, "The facts of machine and build, as JSON");

  std::vector<std::string> words(argv + 1, argv + argc);
  const std::vector<std::string> all_words = words;
  take_google_flags(words, bench_words.sweep);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      app.exit(error);
      return Exit::as_expected;
    }
    throw usage_error(std::string(error.what()) + " (see racetrack --help)");
  }
  if (bench.parsed()) {
    if (const auto extras = bench.remaining(); !extras.empty()) {
      throw usage_error("unknown argument '" + extras.front() + "' (see racetrack bench --help)");
    }
    return do_bench(bench_words, all_words);
  }
  if (stress.parsed()) return do_stress(stress_words, all_words);
  if (explore.parsed()) return do_explore(explore_words, all_words);
  if (replay.parsed()) {
    replay_options.plugins.assign(replay_plugins.begin(), replay_plugins.end());
    if (ExploreToken::begins(replay_options.what)) {
      return replay_exploration(replay_options.what, replay_options.plugins, replay_prints);
    }
    return run_replay_command(replay_options);
  }
  if (words.size() != all_words.size()) {
    throw usage_error("Google Benchmark's flags are for racetrack bench (see racetrack bench --help)");
  }
  if (list.parsed()) {
    const std::vector<std::filesystem::path> files(list_plugins.begin(), list_plugins.end());
    return list_scenarios(load_plugins(files, list_with_builtin), list_filter, list_json);
  }
  if (doctor.parsed()) return doctor_json ? print_environment() : examine_machine();
  throw usage_error("no command (see racetrack --help)");
}

}  // namespace racetrack::host
