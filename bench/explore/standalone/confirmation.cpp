#include "explore/standalone/confirmation.hpp"

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "explore/interpose/real.hpp"

namespace racetrack::explore {

Trace Trace::of(const Finding& finding) { return {finding.failure.kind, finding.fingerprint, finding.steps}; }

std::string Trace::text() const {
  return (kind.empty() ? "-" : kind) + " " + std::to_string(fingerprint) + " " + std::to_string(steps) + "\n";
}

std::optional<Trace> Trace::parse(const std::string& text) {
  std::array<char, 64> kind{};
  Trace trace;
  if (std::sscanf(text.c_str(), "%63s %" SCNu64 " %" SCNu32, kind.data(), &trace.fingerprint, &trace.steps) != 3) {
    return std::nullopt;
  }
  if (kind[0] != '-') trace.kind = kind.data();
  return trace;
}

std::optional<Trace> replay_in_new_process(const std::string& token) {
  std::array<int, 2> ends{};
  // By system calls: the program may define functions of the same names as libc's.
  if (raw_syscall(SYS_pipe2, reinterpret_cast<long>(ends.data()), O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::array<std::string, 4> texts{"replay", "--replay", token, "--trace"};
  std::array<char*, 5> arguments{texts[0].data(), texts[1].data(), texts[2].data(), texts[3].data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  raw_syscall(SYS_close, ends[1]);
  std::string text;
  std::array<char, 256> part{};
  for (long got = 0; error == 0 && (got = raw_syscall(SYS_read, ends[0], reinterpret_cast<long>(part.data()),
                                                      static_cast<long>(part.size()))) != 0;) {
    if (got > 0) {
      text.append(part.data(), static_cast<std::size_t>(got));
    } else if (got != -EINTR) {
      break;
    }
  }
  raw_syscall(SYS_close, ends[0]);
  if (error != 0) return std::nullopt;
  while (raw_syscall(SYS_wait4, child) == -EINTR) {
  }
  return Trace::parse(text);
}

}  // namespace racetrack::explore
