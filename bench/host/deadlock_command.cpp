#include "host/deadlock_command.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <linux/futex.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/child_process.hpp"
#include "host/deadlock_report.hpp"
#include "host/deadlock_snapshot.hpp"
#include "host/exit.hpp"
#include "host/runnable_program.hpp"
#include "host/safe_text.hpp"

namespace racetrack::host {
namespace {

struct DeadlockOptions {
  bool order = false;
  bool stacks = false;
  bool strict = false;
  std::optional<double> seconds;  ///< seconds after which the program is ended
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

double parse_seconds(const std::string& text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr double kMost = 1e8;
  if (error != std::errc{} || end != text.data() + text.size() || !(seconds > 0 && seconds <= kMost)) {
    throw usage_error("--time " + text + ": give a number of seconds above 0");
  }
  return seconds;
}

/// Returns the value of `option` when arguments[i] is that option, as `OPTION=VALUE` or as two arguments; sets `i` to
/// its last argument.
std::optional<std::string> value_of(const std::string& option, const std::vector<std::string>& arguments,
                                    std::size_t& i) {
  if (arguments[i].starts_with(option + "=")) return arguments[i].substr(option.size() + 1);
  if (arguments[i] != option) return std::nullopt;
  if (++i == arguments.size()) throw usage_error(option + ": give a value (see racetrack deadlock --help)");
  return arguments[i];
}

/// Parses the options, which end at `--` or at the first argument that is not one. Returns nullopt for --help.
std::optional<DeadlockOptions> parse(const std::vector<std::string>& arguments) {
  DeadlockOptions options;
  std::size_t i = 0;
  for (; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") return std::nullopt;
    if (argument == "--order") {
      options.order = true;
    } else if (argument == "--strict") {
      options.strict = true;
    } else if (argument == "--stacks") {
      options.stacks = true;
    } else if (const auto code = value_of("--error-exitcode", arguments, i)) {
      options.error_exitcode = parse_exitcode(*code);
    } else if (const auto seconds = value_of("--time", arguments, i)) {
      options.seconds = parse_seconds(*seconds);
    } else if (argument == "--") {
      ++i;
      break;
    } else if (argument.starts_with("-")) {
      throw usage_error("unknown option '" + argument + "' (see racetrack deadlock --help)");
    } else {
      break;
    }
  }
  options.program.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
  if (options.program.empty()) throw usage_error("deadlock: name a program (see racetrack deadlock --help)");
  return options;
}

// The exit codes that timeout(1) and env(1) use for these cases; programs avoid them.
constexpr int kTimedOut = 124;
constexpr int kNotWatched = 125;

using Clock = std::chrono::steady_clock;

constexpr int kForwardedSignals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

/// A process in this process group that blocks all signals. After another process has sent a signal to racetrack, the
/// pending signals of this process show whether the whole group, and so the program too, got that signal. A terminal
/// always signals the whole group.
class Witness {
 public:
  Witness() { start(); }
  ~Witness() { end(); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  /// Returns whether the group got this signal. Then forgets all pending signals.
  bool collected(int signal) {
    std::ifstream status(fmt::format("/proc/{}/status", process_));
    std::uint64_t pending = 0;
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("ShdPnd:")) pending = std::strtoull(line.c_str() + 7, nullptr, 16);
    }
    end();
    start();
    return (pending >> static_cast<unsigned>(signal - 1) & 1U) != 0;
  }

 private:
  void start() {
    const pid_t parent = getpid();
    process_ = fork();
    if (process_ != 0) return;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent) pause();
    _exit(0);
  }
  void end() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  pid_t process_ = 0;
};

/// Returns `process` and all processes that it has started, directly or indirectly.
std::vector<pid_t> family_of(pid_t process) {
  std::vector<pid_t> family{process};
  for (std::size_t i = 0; i < family.size(); ++i) {
    std::error_code error;
    for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", family[i]), error)) {
      std::ifstream children(task.path() / "children");
      for (pid_t child = 0; children >> child;) family.push_back(child);
    }
  }
  return family;
}

/// Runs the program. Blocks signals to this process, and handles them in wait(); the program has its own handlers.
class WatchedProgram {
 public:
  WatchedProgram(const std::filesystem::path& file, std::vector<std::string> arguments,
                 std::vector<std::string> environment, const DeadlockReportFile& report)
      : report_(report) {
    sigset_t before;
    sigemptyset(&signals_);
    for (const int signal : kForwardedSignals) sigaddset(&signals_, signal);
    sigaddset(&signals_, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals_, &before);
    report_.page().host_inspects.store(1);
    start(file, std::move(arguments), std::move(environment), before);
  }
  WatchedProgram(const WatchedProgram&) = delete;
  WatchedProgram& operator=(const WatchedProgram&) = delete;

  /// Waits for the program's end and returns its wait status. Ends the program after `limit`.
  int wait(std::optional<Clock::duration> limit) {
    int status = 0;
    while (!has_ended(status)) {
      if (limit && Clock::now() - begin_ >= *limit) {
        timed_out_ = true;
        report_waits("time is up");
        return end();
      }
      siginfo_t info{};
      const int signal = next_signal(info, limit);
      if (signal > 0 && signal != SIGCHLD) {
        answer(signal, info);
      } else if (report_.page().holding.load() != held_) {
        inspect_held();
      }
    }
    return status;
  }

  [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

 private:
  void start(const std::filesystem::path& file, std::vector<std::string> arguments,
             std::vector<std::string> environment, const sigset_t& mask) {
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGXFSZ}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    const int error = posix_spawn(&child_, file.c_str(), nullptr, &attributes, pointers_to(arguments).data(),
                                  pointers_to(environment).data());
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw usage_error(fmt::format("{}: cannot be run: {}", file.string(), std::strerror(error)));
  }

  bool has_ended(int& status) const {
    const pid_t ended = waitpid(child_, &status, WNOHANG);
    return ended == child_ || (ended < 0 && errno == ECHILD);
  }

  /// Returns the next signal for this process, or -1 after at most 50 ms.
  int next_signal(siginfo_t& info, std::optional<Clock::duration> limit) const {
    // Also the interval of the check for held processes.
    constexpr Clock::duration kPiece = std::chrono::milliseconds(50);
    Clock::duration left = kPiece;
    if (limit) left = std::clamp(*limit - (Clock::now() - begin_), Clock::duration::zero(), kPiece);
    const timespec timeout{0, static_cast<long>(std::chrono::nanoseconds(left).count())};
    return sigtimedwait(&signals_, &info, &timeout);
  }

  void answer(int signal, const siginfo_t& info) {
    if (signal == SIGINT || signal == SIGQUIT) report_waits(signal == SIGINT ? "SIGINT" : "SIGQUIT");
    // A held process has got the signal already; it waits for release().
    const bool by_terminal = info.si_code == SI_KERNEL;
    if (!witness_.collected(signal) && !by_terminal) kill(child_, signal);
    release();
  }

  /// Handles a process that got SIGINT or SIGQUIT, from the terminal or another process, with the default action.
  void inspect_held() {
    // If this process got the same signal or forwarded it, the report has been printed already.
    if (!reported_ || Clock::now() - *reported_ > std::chrono::seconds(1)) report_waits("a signal to end it");
    release();
  }

  void release() {
    held_ = report_.page().holding.load();
    report_.page().released.fetch_add(1);
    syscall(SYS_futex, &report_.page().released, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
  }

  void report_waits(const char* cause) {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const std::string waits = describe_waits(report_.page());
    std::fprintf(stderr, "racetrack deadlock: %s, %.1f s after the start. %s%s", cause, seconds,
                 waits.empty() ? "No process is left.\n" : "What each thread waits for:\n", printable(waits).c_str());
    reported_ = Clock::now();
  }

  /// Sends SIGTERM to the program and all processes that it started; after 2 s sends SIGKILL to those left.
  int end() {
    const std::vector<pid_t> family = family_of(child_);
    for (const pid_t process : family) kill(process, SIGTERM);
    int status = 0;
    const auto patience = Clock::now() + std::chrono::seconds(2);
    while (!has_ended(status) && Clock::now() < patience) {
      siginfo_t info{};
      next_signal(info, std::nullopt);
    }
    for (const pid_t process : family_of(child_)) kill(process, SIGKILL);
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  const DeadlockReportFile& report_;
  Witness witness_;
  sigset_t signals_{};
  pid_t child_ = 0;
  Clock::time_point begin_ = Clock::now();
  std::optional<Clock::time_point> reported_;
  std::uint32_t held_ = 0;
  bool timed_out_ = false;
};

/// Returns whether the finding is an error and sets the exit code; otherwise it is a warning.
bool is_an_error(const DeadlockFinding& finding, const DeadlockOptions& options) {
  if (finding.kind != "misuse") return true;
  const bool handed_over = finding.json["cycle"].size() > 1;  // the second thread is the holder of the lock
  return options.strict || (options.order && !handed_over);
}

}  // namespace

int run_deadlock_command(const std::vector<std::string>& arguments) {
  const std::optional<DeadlockOptions> options = parse(arguments);
  if (!options) {
    std::fputs(kDeadlockUsage, stdout);
    return static_cast<int>(Exit::as_expected);
  }
  const std::filesystem::path file = find_preloadable_program(options->program.front());
  const DeadlockReportFile report_file;
  WatchedProgram program(file, options->program,
                         environment_with(report_file.variables({options->order, options->stacks})), report_file);
  std::optional<std::chrono::steady_clock::duration> limit;
  if (options->seconds) limit = std::chrono::nanoseconds(static_cast<std::int64_t>(*options->seconds * 1e9));
  const int status = program.wait(limit);

  const DeadlockReport report = read_deadlock_report(report_file);
  bool found = false;
  for (const DeadlockFinding& finding : report.findings) {
    const bool is_error = is_an_error(finding, *options);
    found = found || is_error;
    std::fprintf(stderr, "racetrack deadlock: %s%s", is_error ? "" : "warning: ", printable(finding.text).c_str());
  }
  if (found) return options->error_exitcode;
  if (program.timed_out()) {
    std::fprintf(stderr, "racetrack deadlock: %s did not end within %g s and was ended; no deadlock is proven\n",
                 printable_line(file.string()).c_str(), *options->seconds);
    return kTimedOut;
  }
  if (!report.loaded) {
    const std::string how = WIFSIGNALED(status)        ? fmt::format("ended by signal {}", WTERMSIG(status))
                            : WEXITSTATUS(status) != 0 ? fmt::format("exited with code {}", WEXITSTATUS(status))
                                                       : "";
    std::fprintf(stderr, "racetrack: %s: %s: nothing was watched\n", printable_line(file.string()).c_str(),
                 how.empty() ? "the detector was not loaded into it (LD_PRELOAD may be disabled)"
                             : (how + " before the detector began").c_str());
    if (how.empty()) return kNotWatched;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace racetrack::host
