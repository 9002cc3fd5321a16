#include "host/deadlock_command.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/child_process.hpp"
#include "host/deadlock_report.hpp"
#include "host/exit.hpp"
#include "host/runnable_program.hpp"

namespace racetrack::host {
namespace {

struct DeadlockOptions {
  bool order = false;
  bool stacks = false;
  int error_exitcode = static_cast<int>(Exit::unexpected);
  std::vector<std::string> program;
};

int parse_exitcode(const std::string& text) {
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc{} || end != text.data() + text.size() || code < 1 || code > 255) {
    throw usage_error("--error-exitcode " + text + ": give a number from 1 to 255");
  }
  return code;
}

/// Options end at `--` or at the first word that is none. Nothing: help was asked for.
std::optional<DeadlockOptions> parse(const std::vector<std::string>& words) {
  constexpr std::string_view kCode = "--error-exitcode";
  DeadlockOptions options;
  std::size_t i = 0;
  for (; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help" || word == "-h") return std::nullopt;
    if (word == "--order") {
      options.order = true;
    } else if (word == "--stacks") {
      options.stacks = true;
    } else if (word == kCode) {
      if (++i == words.size()) throw usage_error("--error-exitcode: give a number from 1 to 255");
      options.error_exitcode = parse_exitcode(words[i]);
    } else if (word.starts_with(std::string(kCode) + "=")) {
      options.error_exitcode = parse_exitcode(word.substr(kCode.size() + 1));
    } else if (word == "--") {
      ++i;
      break;
    } else if (word.starts_with("-")) {
      throw usage_error("unknown option '" + word + "' (see racetrack deadlock --help)");
    } else {
      break;
    }
  }
  options.program.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  if (options.program.empty()) throw usage_error("deadlock: which program? (see racetrack deadlock --help)");
  return options;
}

/// Ctrl-C goes to the program, as to everything in the terminal; SIGTERM and SIGHUP are passed on to it. We stay to report.
volatile std::sig_atomic_t child_process = 0;

void pass_on(int signal) {
  if (child_process > 0) kill(static_cast<pid_t>(child_process), signal);
}

/// Its wait status.
int run_program(const std::filesystem::path& file, std::vector<std::string> words,
                std::vector<std::string> environment) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGXFSZ}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGQUIT, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  pid_t child = 0;
  const int error = posix_spawn(&child, file.c_str(), nullptr, &attributes, pointers_to(words).data(),
                                pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw usage_error(fmt::format("{}: cannot be run: {}", file.string(), std::strerror(error)));
  child_process = child;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  child_process = 0;
  return status;
}

}  // namespace

int run_deadlock_command(const std::vector<std::string>& words) {
  const std::optional<DeadlockOptions> options = parse(words);
  if (!options) {
    std::fputs(kDeadlockUsage, stdout);
    return static_cast<int>(Exit::as_expected);
  }
  const std::filesystem::path file = find_preloadable_program(options->program.front());
  const DeadlockReportFile report_file;
  const int status =
      run_program(file, options->program, environment_with(report_file.variables({options->order, options->stacks})));

  const DeadlockReport report = read_deadlock_report(report_file);
  bool found = false;
  for (const DeadlockFinding& finding : report.findings) {
    const bool happened = finding.kind == "deadlock" || finding.kind == "lost_wakeup";
    found = found || happened || options->order;
    std::fprintf(stderr, "racetrack deadlock: %s%s", happened || options->order ? "" : "note: ", finding.text.c_str());
  }
  if (found) return options->error_exitcode;
  if (!report.loaded) {
    const std::string how = WIFSIGNALED(status)        ? fmt::format("ended by signal {}", WTERMSIG(status))
                            : WEXITSTATUS(status) != 0 ? fmt::format("exited with code {}", WEXITSTATUS(status))
                                                       : "";
    std::fprintf(stderr, "racetrack: %s: %s: nothing was watched\n", file.c_str(),
                 how.empty() ? "the detector was not loaded into it (is LD_PRELOAD forbidden there?)"
                             : (how + " before the detector began").c_str());
    if (how.empty()) return static_cast<int>(Exit::incomplete);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace racetrack::host
