#include "host/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/descriptor.hpp>
#include <racetrack/transient_name.hpp>

#include "host/exit.hpp"
#include "host/heartbeat.hpp"
#include "load/given_time.hpp"

namespace racetrack::host {
namespace {

constexpr int kAnswerDescriptor = 3;
constexpr int kLeashDescriptor = 4;
static_assert(kHeartbeatDescriptor == kLeashDescriptor + 1);
constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP, SIGPIPE};  // signals that end a run
constexpr int kFirstFreeDescriptor = 10;  // the first number above the descriptors of the new program
constexpr std::size_t kOutputKept = 4096;
constexpr int kLongestStartMs = 2000;
constexpr int kMostLastReads = 64;  // of 64 KiB: a user may enlarge a pipe to 1 MiB at most
constexpr std::chrono::nanoseconds kLongInterval =
    std::chrono::milliseconds(250);  // rare, so that a measured child is hardly disturbed
constexpr std::chrono::nanoseconds kShortInterval = std::chrono::milliseconds(5);

volatile std::sig_atomic_t interruption_requested = 0;

void request_interruption(int) { interruption_requested = 1; }

Failure system_failure(const char* what) { return {Exit::harness, std::string(what) + ": " + std::strerror(errno)}; }

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw system_failure("cannot make a pipe");
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }
  Descriptor read, write;
};

/// Returns a file in memory that contains `text`, positioned at its beginning.
Descriptor file_with(const std::string& text) {
  Descriptor file(memfd_create("racetrack-job", MFD_CLOEXEC));
  if (file.get() < 0) throw system_failure("cannot make a file in memory");
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      lseek(file.get(), 0, SEEK_SET) != 0) {
    throw system_failure("cannot write a file in memory");
  }
  return file;
}

/// Returns whether `process`, a child of this process, has ended; does not reap it. A child that made its parent its
/// tracer (PTRACE_TRACEME) stops at each signal until the tracer continues it. This function detaches such a child and
/// delivers the signal.
bool has_ended(pid_t process) {
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return errno != EINTR;
  if (info.si_pid != process) return false;
  if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED) return true;
  const int signal = info.si_status & 0x7f;
  ptrace(PTRACE_DETACH, process, nullptr, signal == SIGTRAP ? 0 : signal);
  return false;
}

/// Returns whether `process` is a zombie that its parent cannot reap yet, because another process traces it.
bool is_kept_by_a_tracer(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.compare(name_end, 3, ") Z") == 0;
}

/// Reaps `process` if it has ended; else returns false.
bool collect(pid_t process, int& status) {
  if (!has_ended(process)) return false;
  static_cast<void>(waitpid(process, &status, WNOHANG));
  return true;
}

/// Prepared before fork() for the new process: only async-signal-safe calls are allowed between fork() and exec().
struct Start {
  pid_t parent;
  char* const* arguments;
  char* const* environment;
  int input, answer, error_output, heartbeat;
  const Pipe& leash;
  const Pipe& failure;  ///< receives errno when exec fails; exec closes it
};

/// Makes the kernel kill the calling process's group when the host's end of the leash pipe closes, as it does at once
/// when the host dies. When the last write end of a pipe closes, the kernel signals the owner of the read end
/// (fcntl(2), F_SETSIG), and the owner can be a process group. So processes that the child started die too, unless they
/// left the group. Returns false with errno set when the system refuses.
bool tie_to_host(const Pipe& leash) {
  close(leash.write.get());
  return fcntl(leash.read.get(), F_SETOWN, -getpid()) == 0 && fcntl(leash.read.get(), F_SETSIG, SIGKILL) == 0 &&
         fcntl(leash.read.get(), F_SETFL, O_RDONLY | O_ASYNC) == 0;
}

/// Returns whether the host died before the calling process was tied to it.
bool host_has_died(const Start& start) {
  pollfd end{start.leash.read.get(), POLLIN, 0};
  return getppid() != start.parent || (poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0);
}

/// Installs descriptors 0 to 5 of the new program. First duplicates the sources to higher numbers, because they may
/// have these numbers themselves.
bool connect(const Start& start) {
  const std::array<std::pair<int, int>, 6> wanted{{{start.input, STDIN_FILENO},
                                                   {open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO},
                                                   {start.error_output, STDERR_FILENO},
                                                   {start.answer, kAnswerDescriptor},
                                                   {start.leash.read.get(), kLeashDescriptor},
                                                   {start.heartbeat, kHeartbeatDescriptor}}};
  std::array<int, wanted.size()> moved{};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    moved[i] = fcntl(wanted[i].first, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
    if (moved[i] < 0) return false;
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (dup2(moved[i], wanted[i].second) < 0) return false;
  }
  return true;
}

void reset_signals() {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ}) signal(signal_number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Runs in the new process after fork(). Never returns.
[[noreturn]] void exec_child(const Start& start) {
  // The child gets its own process group, so that processes that it starts can be killed with it. It dies with the
  // host: through the leash, and through the parent-death signal, which survives exec and works even if the subject
  // closes the leash.
  const bool is_tied = setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && tie_to_host(start.leash);
  if (is_tied && host_has_died(start)) _exit(static_cast<int>(Exit::harness));
  const int failure = fcntl(start.failure.write.get(), F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  if (is_tied && connect(start)) {
    reset_signals();
    execve("/proc/self/exe", start.arguments, start.environment);
  }
  const int error = errno;
  static_cast<void>(write(failure, &error, sizeof error) == sizeof error);
  _exit(static_cast<int>(Exit::harness));
}

/// Starts the child. Its end of `failure` closes when exec succeeds.
pid_t start(const std::vector<std::string>& arguments, const Variables& variables, int input, int answer,
            int error_output, int heartbeat, const Pipe& leash, Pipe& failure) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "racetrack");
  std::vector<std::string> environment = environment_with(variables);
  // Google Benchmark reads flags from these variables as well.
  std::erase_if(environment, [](const std::string& variable) { return variable.starts_with("BENCHMARK_"); });
  const std::vector<char*> argument_pointers = pointers_to(words), environment_pointers = pointers_to(environment);
  const Start start{
      getpid(), argument_pointers.data(), environment_pointers.data(), input, answer, error_output, heartbeat, leash,
      failure};
  const pid_t child = fork();
  if (child < 0) throw system_failure("cannot start a child process");
  if (child == 0) exec_child(start);
  failure.write.close();
  return child;
}

/// Throws if the child has reported that exec failed. Waits `patience_ms` at most: a child that is stopped before exec
/// reports nothing, and is left to its limit.
void check_exec(const Pipe& failure, int patience_ms) {
  pollfd said{failure.read.get(), POLLIN, 0};
  int error = 0;
  if (poll(&said, 1, patience_ms) == 1 && read(failure.read.get(), &error, sizeof error) == sizeof error) {
    errno = error;
    throw system_failure("cannot start a child process");
  }
}

/// Appends available bytes to `text` and keeps its last `most` bytes. Returns false at the end of the stream.
bool drain(int descriptor, std::string& text, std::size_t most) {
  std::array<char, 65536> buffer;
  const ssize_t got = read(descriptor, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  text.append(buffer.data(), static_cast<std::size_t>(got));
  if (text.size() > most) text.erase(0, text.size() - most);
  return got > 0;
}

/// Returns the children of the calling thread, which is the only thread that starts any.
std::set<pid_t> children() {
  std::set<pid_t> found;
  std::ifstream list("/proc/thread-self/children");
  for (pid_t process = 0; list >> process;) found.insert(process);
  return found;
}

/// Kills the child, its group, and all processes that they left behind in any group or session: as the subreaper
/// (PR_SET_CHILD_SUBREAPER), this process inherits those. `before`: children that this process had inherited earlier.
/// Kills all before it waits for each, because a child whose tracer lives cannot be reaped. Gives up after 10 s on a
/// process that the kernel does not end; returns false when that is `child`.
bool end_all(pid_t child, int& status, const std::set<pid_t>& before) {
  constexpr auto kPatience = std::chrono::seconds(10);
  constexpr timespec kPause{0, 1'000'000};
  kill(-child, SIGKILL);  // before it is reaped, the number is still the child's
  kill(child, SIGKILL);
  bool collected = false;
  const auto begin = std::chrono::steady_clock::now();
  do {
    if (!collected) collected = collect(child, status);
    bool left = !collected;
    for (const pid_t process : children()) {
      if (process == child || before.contains(process)) continue;
      kill(process, SIGKILL);
      int ignored = 0;
      static_cast<void>(collect(process, ignored));
      left = true;  // processes that it leaves behind are killed in the next pass
    }
    if (!left) break;
    nanosleep(&kPause, nullptr);
  } while (std::chrono::steady_clock::now() - begin < kPatience);
  if (collected) {
    shm_unlink(transient_name(child).c_str());
    mq_unlink(transient_name(child).c_str());
  }
  return collected;
}

/// Parses `text`. Returns null for text that is not JSON or is nested so deeply that recursion would exhaust the stack.
nlohmann::json parse_bounded(const std::string& text) {
  constexpr int kDeepest = 64;
  bool too_deep = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  nlohmann::json parsed = nlohmann::json::parse(text, watch, false);
  return parsed.is_discarded() || too_deep ? nlohmann::json() : parsed;
}

constexpr std::string_view kRefused = "refused ";  // begins the line before an answer that reports a refusal

/// Removes the line of send_refusal() from the answer. Returns its text, empty when there is none.
std::string take_refusal(std::string& answer) {
  const std::size_t end = answer.find('\n');
  if (!answer.starts_with(kRefused) || end == std::string::npos) return "";
  std::string what = answer.substr(kRefused.size(), end - kRefused.size());
  answer.erase(0, end + 1);
  return what;
}

/// A failure after a refusal proves nothing about the subject.
void doubt_failure(ChildOutcome& outcome, const std::string& refused) {
  using How = ChildOutcome::How;
  if (outcome.how == How::ok) {
    const nlohmann::json answer = parse_bounded(outcome.answer);
    const bool failed = answer.is_object() && answer.contains("verdict") && answer["verdict"].is_object() &&
                        answer["verdict"].value("result", nlohmann::json()) == "fail";
    if (!failed) return;
  } else if (outcome.how != How::exit && outcome.how != How::signal && outcome.how != How::timeout) {
    return;
  }
  outcome.how = How::harness;
  outcome.value = 0;
  outcome.doubt = "it failed after the system had refused it a thread or a process (" + refused +
                  "; see ulimit -u and -v, and the cgroup's pids.max): whether the subject is at fault is not known";
}

/// Sets `how` when the answer is invalid, or when it reports that the system refused a request of the harness.
void read_answer(ChildOutcome& outcome) {
  const bool ended_itself = outcome.how == ChildOutcome::How::ok || outcome.how == ChildOutcome::How::exit;
  if (!ended_itself || outcome.answer.empty()) return;
  const nlohmann::json answer = parse_bounded(outcome.answer);
  if (answer.is_object() && answer.contains("trouble") && answer["trouble"].is_string()) {
    outcome.how = ChildOutcome::How::harness;
    outcome.doubt = answer["trouble"].get<std::string>();
  } else if (!answer.is_object() && outcome.how == ChildOutcome::How::ok) {
    outcome.how = ChildOutcome::How::unreadable;
    outcome.doubt = "the answer of the child process is incomplete, or the subject wrote to the same descriptor";
  }
}

timespec to_timespec(std::chrono::nanoseconds time) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {static_cast<time_t>(s.count()), static_cast<long>((time - s).count())};
}

}  // namespace

Interruptions::Interruptions() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : kEnding) {
    struct sigaction action {};
    const bool is_ours = signal == SIGINT || signal == SIGTERM;
    if (!is_ours && sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    sigaddset(&signals, signal);
    action = {};
    action.sa_handler = request_interruption;  // no SA_RESTART: it must wake ppoll
    sigaction(signal, &action, nullptr);
  }
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

Interruptions::~Interruptions() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool Interruptions::requested() noexcept {
  // Signals that are pending while blocked count too.
  sigset_t pending;
  sigpending(&pending);
  return interruption_requested != 0 ||
         std::any_of(kEnding.begin(), kEnding.end(), [&](int signal) { return sigismember(&pending, signal) == 1; });
}

std::vector<std::string> environment_with(const Variables& variables) {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const bool replaced = std::any_of(variables.begin(), variables.end(),
                                      [&](const auto& each) { return text.starts_with(each.first + "="); });
    if (!replaced) environment.emplace_back(text);
  }
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  return environment;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

ChildOutcome run_child(const std::vector<std::string>& arguments, const std::string& job,
                       std::chrono::milliseconds limit, const Variables& variables) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const std::set<pid_t> before = children();
  Pipe answer, error_output, leash, failure;
  const HeartbeatFile heartbeat;
  pid_t child = 0;
  {
    const Descriptor input = file_with(job);
    child = start(arguments, variables, input.get(), answer.write.get(), error_output.write.get(),
                  heartbeat.descriptor(), leash, failure);
  }
  try {
    check_exec(failure, kLongestStartMs);
  } catch (const Failure&) {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    throw;
  }
  leash.read.close();
  answer.write.close();
  error_output.write.close();
  // Where the system refuses a pidfd (old containers), the loop checks more often whether the child has ended.
  const Descriptor ended(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  const std::chrono::nanoseconds interval = ended.get() < 0 ? kShortInterval : kLongInterval;

  ChildOutcome outcome;
  std::optional<ChildOutcome::How> stopped;
  sigset_t no_signals;
  sigemptyset(&no_signals);
  std::optional<load::GivenTime> given;
  std::uint64_t beats = 0;
  auto last_beat = began;
  auto next_check = began + std::min<std::chrono::nanoseconds>(limit / 4, std::chrono::seconds(2));
  while (!has_ended(child)) {
    const auto now = Clock::now();
    if (now >= next_check) {
      next_check = now + kLongInterval;
      if (given) {
        given->sample();
      } else {
        given.emplace(child, 0, kLongInterval);
      }
      if (const std::uint64_t beats_now = heartbeat.beats(); beats_now != beats) {
        beats = beats_now;
        last_beat = now;
        given->reset();
      }
      const bool certain = given->exhausts(limit - limit / 4) && now - last_beat >= limit && given->is_certain();
      outcome.starved = !certain;
      if (certain || now - began >= kMostLimits * limit) stopped = ChildOutcome::How::timeout;
    }
    if (Interruptions::requested()) stopped = ChildOutcome::How::interrupted;
    if (outcome.answer.size() > kLongestAnswer) stopped = ChildOutcome::How::unreadable;
    if (stopped) break;
    // A descriptor whose other end is closed would wake ppoll() every time; ppoll() ignores -1.
    std::array<pollfd, 3> watched{
        {{answer.read.get(), POLLIN, 0}, {error_output.read.get(), POLLIN, 0}, {ended.get(), POLLIN, 0}}};
    const timespec wait = to_timespec(interval);
    const int ready = ppoll(watched.data(), watched.size(), &wait, &no_signals);
    // The child is a zombie whose tracer lives. end_all() kills the tracer as well.
    if ((ready == 0 || watched[2].revents != 0) && !has_ended(child) && is_kept_by_a_tracer(child)) break;
    if (ready <= 0) continue;
    if (watched[0].revents != 0 && !drain(answer.read.get(), outcome.answer, 2 * kLongestAnswer)) answer.read.close();
    if (watched[1].revents != 0 && !drain(error_output.read.get(), outcome.last_output, kOutputKept)) {
      error_output.read.close();
    }
  }
  int status = 0;
  const bool collected = end_all(child, status, before);
  check_exec(failure, 0);
  // Reads the rest of the output, without blocking: a process that the child started may still hold the other end
  // briefly.
  for (auto [descriptor, text, most] : {std::tuple{answer.read.get(), &outcome.answer, 2 * kLongestAnswer},
                                        std::tuple{error_output.read.get(), &outcome.last_output, kOutputKept}}) {
    if (descriptor < 0) continue;
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    errno = 0;
    for (int reads = 0; reads < kMostLastReads && drain(descriptor, *text, most) && errno != EAGAIN; ++reads) {
    }
  }
  const Clock::duration elapsed = Clock::now() - began;
  outcome.seconds = std::chrono::duration<double>(elapsed).count();
  if (stopped) {
    outcome.how = *stopped;
    if (outcome.how == ChildOutcome::How::unreadable) {
      outcome.doubt =
          "the child process wrote an answer of more than " + std::to_string(kLongestAnswer >> 20U) + " MiB";
      outcome.answer.clear();
    } else if (outcome.how == ChildOutcome::How::timeout && outcome.starved) {
      outcome.doubt = Clock::now() - last_beat < limit ? "it still ran rounds; a longer limit lets it end"
                                                       : load::describe_given(given->given(), elapsed);
    }
  } else if (!collected) {
    outcome.how = ChildOutcome::How::timeout;
    outcome.starved = true;
    outcome.doubt = "the child process could not be ended";
  } else if (WIFSIGNALED(status)) {
    outcome.how = ChildOutcome::How::signal;
    outcome.value = WTERMSIG(status);
  } else if (WEXITSTATUS(status) != 0 || outcome.answer.empty()) {
    outcome.how = ChildOutcome::How::exit;
    outcome.value = WEXITSTATUS(status);
  }
  const std::string refused = take_refusal(outcome.answer);
  if (outcome.how == ChildOutcome::How::ok && outcome.answer.empty()) outcome.how = ChildOutcome::How::exit;
  read_answer(outcome);
  if (!refused.empty()) doubt_failure(outcome, refused);
  return outcome;
}

nlohmann::json answer_of(const ChildOutcome& outcome) {
  if (outcome.how != ChildOutcome::How::ok) return {};
  nlohmann::json answer = parse_bounded(outcome.answer);
  return answer.is_object() ? answer : nlohmann::json();
}

void send_trouble(const std::string& text) {
  send_answer(nlohmann::json{{"trouble", text}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void send_refusal(const std::string& what) noexcept {
  std::array<char, 256> line{};
  const int length = std::snprintf(line.data(), line.size() - 1, "%s%s", kRefused.data(), what.c_str());
  const std::size_t end = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), 0, line.size() - 2);
  std::replace(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(end), '\n', ' ');
  line[end] = '\n';
  static_cast<void>(write(kAnswerDescriptor, line.data(), end + 1) < 0);
}

void send_answer(const std::string& text) {
  std::size_t given = 0;
  while (given < text.size()) {
    const ssize_t n = write(kAnswerDescriptor, text.data() + given, text.size() - given);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(static_cast<int>(Exit::harness));  // the host has died
    given += static_cast<std::size_t>(n);
  }
}

}  // namespace racetrack::host
