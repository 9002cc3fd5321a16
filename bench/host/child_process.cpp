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
#include <spawn.h>
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

class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);  // its own group: what it starts ends with it
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

pid_t start(const std::vector<std::string>& arguments, const Variables& variables, int input, int answer,
            int error_output) {
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, input, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&settings.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&settings.actions, error_output, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&settings.actions, answer, kAnswerDescriptor);
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "racetrack");
  std::vector<std::string> environment = environment_with(variables);
  pid_t child = 0;
  const int error = posix_spawn(&child, "/proc/self/exe", &settings.actions, &settings.attributes,
                                pointers_to(words).data(), pointers_to(environment).data());
  if (error != 0) {
    errno = error;
    throw system_failure("cannot start a child process");
  }
  return child;
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

pid_t wait_for(pid_t process, int& status) {
  pid_t waited = 0;
  while ((waited = waitpid(process, &status, 0)) < 0 && errno == EINTR) {
  }
  return waited;
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
  Pipe answer, error_output;
  pid_t child = 0;
  {
    const Descriptor input = file_with(job);
    child = start(arguments, variables, input.get(), answer.write.get(), error_output.write.get());
  }
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

void die_with_parent(int parent) noexcept {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(static_cast<int>(Exit::harness));  // it had gone before
}

}  // namespace racetrack::host
