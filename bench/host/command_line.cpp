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

/// Adds FILTER, --case and --param.
void add_selection(CLI::App& command, Selection& selection, std::vector<std::string>& params) {
  CLI::Option* const filter =
      command.add_option("FILTER", selection.filter, "Run the cases whose names match this regular expression (RE2)");
  CLI::Option* const names =
      command.add_option("--case", selection.names, "Run the case of this whole name (repeatable)")
          ->allow_extra_args(false)
          ->excludes(filter);
  command.add_option("--param", params, "Use these values, NAME=V1[,V2...], instead of the engine's (repeatable)")
      ->allow_extra_args(false)
      ->excludes(names);
}

void add_plugin_option(CLI::App& command, std::vector<std::string>& plugins, bool& with_builtin) {
  command.add_option("--plugin", plugins, "Load a plugin instead of the built-in subjects (repeatable)")
      ->allow_extra_args(false);  // the next argument is the filter
  command.add_flag("--with-builtin", with_builtin, "With --plugin: add the built-in subjects");
}

struct BenchArguments {
  SweepOptions sweep;
  std::vector<std::string> plugins, params;
  std::string out;
};

CLI::App& add_bench(CLI::App& app, BenchArguments& arguments) {
  CLI::App& bench = *app.add_subcommand("bench", "Check each case, then measure it, in interleaved child processes");
  SweepOptions& sweep = arguments.sweep;
  add_selection(bench, sweep.selection, arguments.params);
  add_plugin_option(bench, arguments.plugins, sweep.with_builtin);
  bench.add_flag("--full", sweep.selection.full, "Run the full sweep instead of the default one");
  bench.add_option("--forks", sweep.forks, "Run each case in this many child processes (= --benchmark_repetitions)")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  bench.add_option("--time", sweep.min_time_s, "Time rounds for this many seconds per fork (= --benchmark_min_time)")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  bench.add_option("--limit", sweep.limit_s, "Kill a child process after this many seconds without progress")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  bench.add_option("--pin", sweep.selection.pinning, "Pin threads: compact, scatter or none")
      ->check(CLI::IsMember({"compact", "scatter", "none"}))
      ->capture_default_str();
  bench.add_option("--seed", sweep.seed, "Seed the case order and the workloads (default: random)");
  bench.add_option("--out", arguments.out, "Write the run to this folder (default: a new one in reports/runs)");
  CLI::Option* const resume =
      bench.add_flag("--resume", sweep.resume, "Continue the run in --out: repeat only cases that did not end well");
  bench
      .add_flag("--schedule", sweep.schedule,
                "Read turns from standard input, one line CASE FORK SEED each, and print their records")
      ->excludes(resume);
  bench.add_flag("--quiet", sweep.quiet, "Print no progress");
  bench.footer(
      "Google Benchmark's flags for filter, repetitions, min_time, out, out_format, format and list_tests work too.");
  bench.allow_extras();
  return bench;
}

struct StressArguments {
  StressOptions stress;
  std::vector<std::string> plugins, params;
  std::string out;
};

CLI::App& add_stress(CLI::App& app, StressArguments& arguments) {
  CLI::App& command =
      *app.add_subcommand("stress", "Run disturbed rounds on real threads, controls included; oracles judge them");
  StressOptions& stress = arguments.stress;
  stress.selection.stress = true;
  add_selection(command, stress.selection, arguments.params);
  add_plugin_option(command, arguments.plugins, stress.with_builtin);
  command.add_option("--time", stress.seconds, "Run rounds for this many seconds per case and child process")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  command.add_option("--runs", stress.runs, "Run each case in this many child processes")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--patience", stress.patience_s, "Count a round as a hang after this many seconds")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command.add_option("--pin", stress.selection.pinning, "Pin threads: compact, scatter or none")
      ->check(CLI::IsMember({"compact", "scatter", "none"}))
      ->capture_default_str();
  command.add_option("--seed", stress.seed, "Seed the rounds and disturbances (default: random)");
  command.add_option("--out", arguments.out, "Write the run to this folder (default: a new one in reports/runs)");
  command.add_flag("--resume", stress.resume, "Continue the run in --out: repeat only cases that did not end well");
  command.add_flag("--quiet", stress.quiet, "Print no progress");
  return command;
}

struct ExploreArguments {
  ExploreOptions explore;
  std::vector<std::string> plugins, params;
  std::string out, memory = "sc";
};

CLI::App& add_explore(CLI::App& app, ExploreArguments& arguments) {
  CLI::App& command =
      *app.add_subcommand("explore", "Run small rounds under every schedule, or very many; failures are replayable");
  ExploreOptions& explore = arguments.explore;
  explore.selection.explore = true;
  explore.selection.pinning = "none";
  add_selection(command, explore.selection, arguments.params);
  add_plugin_option(command, arguments.plugins, explore.with_builtin);
  command.add_option("--time", explore.seconds, "Run executions for this many seconds per case")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  command.add_option("--executions", explore.executions,
                     "Run at most this many executions per case (default: all that fit the time)");
  command
      .add_option("--strategy", explore.strategies,
                  "Use only this strategy (repeatable): random, surw, pos, urw, pct2..4, dfs0..3, dfs, dfs_unreduced")
      ->allow_extra_args(false);
  command
      .add_option("--memory", arguments.memory,
                  "Let loads read the latest store (sc), or also an older one that C++ permits (weak)")
      ->check(CLI::IsMember({"sc", "weak"}))
      ->capture_default_str();
  command.add_option("--steps", explore.steps, "Stop an execution after this many steps")
      ->check(CLI::Range(1U, 1U << 30U))
      ->capture_default_str();
  command.add_option("--threads", explore.threads, "Allow an execution this many threads, at most 64")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  command.add_option("--memory-limit", explore.memory_limit, "Allow an execution to allocate this many MiB")
      ->check(CLI::Range(std::size_t{1}, std::size_t{4096}))
      ->capture_default_str();
  command
      .add_option("--fill", explore.fill,
                  "Fill new heap blocks with this content; random: other bytes in each execution")
      ->check(CLI::IsMember({"pattern", "zero", "random"}))
      ->capture_default_str();
  command.add_flag("--keep-going", explore.keep_going, "Search for all distinct findings of each case");
  command
      .add_option(
          "--races", explore.races,
          "Report races as findings (report), ignore them (ignore), or ignore them and make plain accesses scheduling "
          "points (steps)")
      ->check(CLI::IsMember({"report", "ignore", "steps"}))
      ->capture_default_str();
  command.add_option("--suppress", explore.suppress,
                     "Do not report the findings that this file lists, one line each: KIND PLACE [PLACE] -- REASON");
  command.add_option("--seed", explore.seed, "Seed the strategies (default: random)");
  command.add_option("--out", arguments.out, "Write the run to this folder (default: a new one in reports/runs)");
  command.add_flag("--resume", explore.resume, "Continue the run in --out: repeat only cases that did not end well");
  command.add_flag("--quiet", explore.quiet, "Print no progress");
  return command;
}

/// Sets the options that all engines share.
void take_common(CampaignOptions& options, const std::vector<std::string>& plugins,
                 const std::vector<std::string>& params, const std::string& out,
                 const std::vector<std::string>& all_arguments) {
  for (const std::string& plugin : plugins) options.plugins.emplace_back(plugin);
  for (const std::string& param : params) options.selection.params.push_back(parse_param(param));
  if (!out.empty()) options.out = out;
  if (options.resume && out.empty()) throw usage_error("--resume: name the run with --out FOLDER");
  for (std::size_t i = 0; i < all_arguments.size(); ++i) {
    if (all_arguments[i] == "--") {
      options.arguments.insert(options.arguments.end(), all_arguments.begin() + static_cast<std::ptrdiff_t>(i),
                               all_arguments.end());
      break;
    }
    // The command in the records repeats the measurement; it does not contain the run's folder.
    if (all_arguments[i].starts_with("--out=") || all_arguments[i] == "--resume") continue;
    if (all_arguments[i] == "--out") {
      ++i;
      continue;
    }
    options.arguments.push_back(all_arguments[i]);
  }
}

Exit do_stress(StressArguments& arguments, const std::vector<std::string>& all_arguments) {
  take_common(arguments.stress, arguments.plugins, arguments.params, arguments.out, all_arguments);
  arguments.stress.limit_s = arguments.stress.seconds * stress::kMostTimes + arguments.stress.patience_s * 2 + 30;
  return run_stress_command(arguments.stress);
}

Exit do_explore(ExploreArguments& arguments, const std::vector<std::string>& all_arguments) {
  take_common(arguments.explore, arguments.plugins, arguments.params, arguments.out, all_arguments);
  arguments.explore.limit_s = arguments.explore.seconds * 3 + 60;
  arguments.explore.selection.weak = arguments.memory == "weak";
  return run_explore_command(arguments.explore);
}

Exit do_bench(BenchArguments& arguments, const std::vector<std::string>& all_arguments) {
  take_common(arguments.sweep, arguments.plugins, arguments.params, arguments.out, all_arguments);
  arguments.sweep.resumable = !arguments.sweep.schedule;
  return run_bench(arguments.sweep);
}

}  // namespace

Exit run_command_line(int argc, char** argv) {
  CLI::App app("Tests queues and other concurrent C++ code for correctness, speed and fairness", "racetrack");
  app.set_version_flag(
      "--version", fmt::format("racetrack {} ({}, {}, {})", build_facts().version, build_facts().commit.substr(0, 12),
                               build_facts().flavour, build_facts().compiler));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all as expected, 1 not as expected, 2 usage, 3 incomplete, 4 nothing ran, 70 the harness failed, "
      "74 output was lost.");

  BenchArguments bench_arguments;
  const CLI::App& bench = add_bench(app, bench_arguments);

  StressArguments stress_arguments;
  const CLI::App& stress = add_stress(app, stress_arguments);

  ExploreArguments explore_arguments;
  const CLI::App& explore = add_explore(app, explore_arguments);

  ReplayOptions replay_options;
  std::vector<std::string> replay_plugins;
  CLI::App& replay =
      *app.add_subcommand("replay", "Repeat a failed round or schedule, or judge a stored history again");
  replay.add_option("TOKEN", replay_options.what, "Replay this token from a replay line, or judge this history file")
      ->required();
  replay.add_option("--time", replay_options.seconds, "Run rounds for this many seconds")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  bool replay_prints = false;
  replay.add_flag("--print", replay_prints, "Print every step of an explored schedule");
  replay
      .add_option("--patience", replay_options.patience_s, "Count a round of stress as a hang after this many seconds")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  replay.add_option("--plugin", replay_plugins, "Load a plugin instead of the built-in subjects (repeatable)")
      ->allow_extra_args(false);

  std::string list_filter;
  bool list_json = false, list_with_builtin = false;
  std::vector<std::string> list_plugins;
  CLI::App& list = *app.add_subcommand("list", "List subjects and their workloads");
  list.add_option("FILTER", list_filter,
                  "List the subjects whose family/workload/subject matches this regular expression (RE2)");
  list.add_flag("--json", list_json, "Print JSON");
  add_plugin_option(list, list_plugins, list_with_builtin);

  app.add_subcommand("deadlock", "Run any program under the deadlock detector: deadlock [OPTION...] -- PROGRAM...");

  bool doctor_json = false;
  CLI::App& doctor = *app.add_subcommand("doctor", "List what on this machine disturbs measurements");
  doctor.add_flag("--json", doctor_json, "Print the facts of machine and build as JSON");

  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::vector<std::string> all_arguments = arguments;
  take_google_flags(arguments, bench_arguments.sweep);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
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
    return do_bench(bench_arguments, all_arguments);
  }
  if (stress.parsed()) return do_stress(stress_arguments, all_arguments);
  if (explore.parsed()) return do_explore(explore_arguments, all_arguments);
  if (replay.parsed()) {
    replay_options.plugins.assign(replay_plugins.begin(), replay_plugins.end());
    if (ExploreToken::begins(replay_options.what)) {
      return replay_exploration(replay_options.what, replay_options.plugins, replay_prints);
    }
    return run_replay_command(replay_options);
  }
  if (arguments.size() != all_arguments.size()) {
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
