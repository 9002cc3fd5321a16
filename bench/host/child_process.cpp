#include "host/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/descriptor.hpp>

#include "host/exit.hpp"

namespace racetrack::host {
namespace {

constexpr int kAnswerDescriptor = 3;
constexpr int kLeashDescriptor = 4;
constexpr int kOutOfTheWay = 10;  // a descriptor's number above those of the new program
constexpr std::size_t kOutputKept = 4096;

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

/// A file in memory that holds `text`, at its beginning.
Descriptor file_with(const std::string& text) {
  Descriptor file(memfd_create("racetrack-job", MFD_CLOEXEC));
  if (file.get() < 0) throw system_failure("cannot make a file in memory");
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      lseek(file.get(), 0, SEEK_SET) != 0) {
    throw system_failure("cannot write a file in memory");
  }
  return file;
}

pid_t wait_for(pid_t process, int& status) {
  pid_t waited = 0;
  while ((waited = waitpid(process, &status, 0)) < 0 && errno == EINTR) {
  }
  return waited;
}

/// Made before fork(), for the new process: between fork() and exec() only async-signal-safe calls are allowed.
struct Start {
  pid_t parent;
  char* const* arguments;
  char* const* environment;
  int input, answer, error_output;
  const Pipe& leash;
  const Pipe& failure;  ///< takes errno when the process cannot be started; closed by exec
};

/// Kills the calling process's group when the host's end of the leash closes, which the kernel does at once when the host dies. Pipes
/// signal the owner of a read end when the last write end closes (fcntl(2), F_SETSIG), and the owner may be a process group: so what
/// the child starts dies too, unless it leaves the group. False with errno set when that cannot be arranged.
bool tie_to_host(const Pipe& leash) {
  close(leash.write.get());
  return fcntl(leash.read.get(), F_SETOWN, -getpid()) == 0 && fcntl(leash.read.get(), F_SETSIG, SIGKILL) == 0 &&
         fcntl(leash.read.get(), F_SETFL, O_RDONLY | O_ASYNC) == 0;
}

/// Whether the host died before the calling process was tied to it.
bool is_alone(const Start& start) {
  pollfd end{start.leash.read.get(), POLLIN, 0};
  return getppid() != start.parent || (poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0);
}

/// Descriptors 0 to 4 of the new program. The sources are moved out of the way first: they may have these numbers themselves.
bool connect(const Start& start) {
  const std::array<std::pair<int, int>, 5> wanted{{{start.input, STDIN_FILENO},
                                                   {open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO},
                                                   {start.error_output, STDERR_FILENO},
                                                   {start.answer, kAnswerDescriptor},
                                                   {start.leash.read.get(), kLeashDescriptor}}};
  std::array<int, wanted.size()> moved{};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    moved[i] = fcntl(wanted[i].first, F_DUPFD_CLOEXEC, kOutOfTheWay);
    if (moved[i] < 0) return false;
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (dup2(moved[i], wanted[i].second) < 0) return false;
  }
  return true;
}

void reset_signals() {
  for (const int signal_number : {SIGINT, SIGTERM, SIGXFSZ}) signal(signal_number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// In the new process. Never returns.
[[noreturn]] void become(const Start& start) {
  // Its own group: what it starts ends with it. It dies with the host: by the leash, and by the kernel's signal for its parent's death,
  // which stays after exec, should the subject close the leash.
  const bool is_tied = setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && tie_to_host(start.leash);
  if (is_tied && is_alone(start)) _exit(static_cast<int>(Exit::harness));
  const int failure = fcntl(start.failure.write.get(), F_DUPFD_CLOEXEC, kOutOfTheWay);
  if (is_tied && connect(start)) {
    reset_signals();
    execve("/proc/self/exe", start.arguments, start.environment);
  }
  const int error = errno;
  static_cast<void>(write(failure, &error, sizeof error) == sizeof error);
  _exit(static_cast<int>(Exit::harness));
}

pid_t start(const std::vector<std::string>& arguments, const Variables& variables, int input, int answer,
            int error_output, const Pipe& leash) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "racetrack");
  std::vector<std::string> environment = environment_with(variables);
  const std::vector<char*> argument_pointers = pointers_to(words), environment_pointers = pointers_to(environment);
  Pipe failure;
  const Start start{getpid(), argument_pointers.data(), environment_pointers.data(), input, answer, error_output, leash,
                    failure};
  const pid_t child = fork();
  if (child < 0) throw system_failure("cannot start a child process");
  if (child == 0) become(start);
  failure.write.close();
  int error = 0;
  ssize_t got = 0;
  while ((got = read(failure.read.get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (got == 0) return child;  // exec has closed the other end
  int status = 0;
  wait_for(child, status);
  errno = error;
  throw system_failure("cannot start a child process");
}

/// Appends what is there to `text`; false at the end of the stream.
bool drain(int descriptor, std::string& text, std::size_t most = std::string::npos) {
  std::array<char, 65536> buffer;
  const ssize_t got = read(descriptor, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  text.append(buffer.data(), static_cast<std::size_t>(got));
  if (text.size() > most) text.erase(0, text.size() - most);
  return got > 0;
}

/// Of the calling thread, which is the only one that makes any.
std::set<pid_t> children() {
  std::set<pid_t> found;
  std::ifstream list("/proc/thread-self/children");
  for (pid_t process = 0; list >> process;) found.insert(process);
  return found;
}

/// What the child had started and left behind is handed to this process (PR_SET_CHILD_SUBREAPER), in whatever group and session it is by
/// now. Ends it, and what that leaves behind. `before`: children that are somebody else's business.
void end_orphans(const std::set<pid_t>& before) {
  for (bool found = true; found;) {
    found = false;
    for (const pid_t process : children()) {
      if (before.contains(process)) continue;
      kill(process, SIGKILL);
      int status = 0;
      if (wait_for(process, status) == process) found = true;
    }
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
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  struct sigaction action {};
  action.sa_handler = request_interruption;  // no SA_RESTART: it must wake ppoll
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

Interruptions::~Interruptions() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

bool Interruptions::requested() noexcept {
  // A signal that is pending while blocked counts too.
  sigset_t pending;
  sigpending(&pending);
  return interruption_requested != 0 || sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
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
  Pipe answer, error_output, leash;
  pid_t child = 0;
  {
    const Descriptor input = file_with(job);
    child = start(arguments, variables, input.get(), answer.write.get(), error_output.write.get(), leash);
  }
  leash.read.close();
  answer.write.close();
  error_output.write.close();
  const Descriptor ended(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));

  ChildOutcome outcome;
  std::optional<ChildOutcome::How> stopped;
  sigset_t no_signals;
  sigemptyset(&no_signals);
  bool alive = true;
  while (alive) {
    const auto left = limit - (Clock::now() - began);
    if (Interruptions::requested()) stopped = ChildOutcome::How::interrupted;
    if (left <= Clock::duration::zero()) stopped = ChildOutcome::How::timeout;
    if (stopped) {
      kill(-child, SIGKILL);
      break;
    }
    // A descriptor whose other end is closed would wake us for ever: -1 is passed over.
    std::array<pollfd, 3> watched{
        {{answer.read.get(), POLLIN, 0}, {error_output.read.get(), POLLIN, 0}, {ended.get(), POLLIN, 0}}};
    const timespec wait = to_timespec(left);
    if (ppoll(watched.data(), watched.size(), &wait, &no_signals) <= 0) continue;
    if (watched[0].revents != 0 && !drain(answer.read.get(), outcome.answer)) answer.read.close();
    if (watched[1].revents != 0 && !drain(error_output.read.get(), outcome.last_output, kOutputKept)) {
      error_output.read.close();
    }
    alive = watched[2].revents == 0;
  }
  kill(-child, SIGKILL);  // what it may have started; before waitpid, while the number is still the child's
  int status = 0;
  wait_for(child, status);
  end_orphans(before);
  // What it wrote last. Non-blocking: something it started may still hold the other end for a moment.
  for (auto [descriptor, text, most] : {std::tuple{answer.read.get(), &outcome.answer, std::string::npos},
                                        std::tuple{error_output.read.get(), &outcome.last_output, kOutputKept}}) {
    if (descriptor < 0) continue;
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    errno = 0;
    while (drain(descriptor, *text, most) && errno != EAGAIN) {
    }
  }
  outcome.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  if (stopped) {
    outcome.how = *stopped;
  } else if (WIFSIGNALED(status)) {
    outcome.how = ChildOutcome::How::signal;
    outcome.value = WTERMSIG(status);
  } else if (WEXITSTATUS(status) != 0 || outcome.answer.empty()) {
    outcome.how = ChildOutcome::How::exit;
    outcome.value = WEXITSTATUS(status);
  }
  return outcome;
}

nlohmann::json answer_of(const ChildOutcome& outcome) {
  if (outcome.how != ChildOutcome::How::ok) return {};
  const nlohmann::json answer = nlohmann::json::parse(outcome.answer, nullptr, false);
  return answer.is_object() ? answer : nlohmann::json();
}

void give_answer(const std::string& text) {
  std::size_t given = 0;
  while (given < text.size()) {
    const ssize_t n = write(kAnswerDescriptor, text.data() + given, text.size() - given);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(static_cast<int>(Exit::harness));  // the host is gone
    given += static_cast<std::size_t>(n);
  }
}

}  // namespace racetrack::host
