// The child that a process starter starts: the same body as a function for a forked process and as a program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include <csignal>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/plugin_folder.hpp>
#include <racetrack/shared_memory.hpp>
#include <racetrack/spawn/ending.hpp>
#include <racetrack/spawn/run.hpp>

namespace racetrack::spawn {

/// The record of a run on its own page of shared memory: a program maps its own page and no other.
struct alignas(4096) Page {
  Run run;
};

/// Ends this process with an exit status or a signal. Async-signal-safe. No exit handlers run, because a sanitizer's
/// would change the exit status.
[[noreturn]] inline void end_process(const Ending& ending) noexcept {
  if (ending.how == Ending::How::signal) {
    ::signal(ending.value, SIG_DFL);
    ::kill(getpid(), ending.value);
  }
  for (;;) syscall(SYS_exit_group, ending.value);
}

/// The program with the behaviour of Child::run. It is built into the plugins' folder.
inline constexpr const char* kChildProgram = "racetrack_child";

/// One child: it counts and stamps its run, then ends as `ending` states. Must outlive the wait for the child.
class Child {
 public:
  Child(const std::string& program, const Shared<Page>& pages, std::size_t which, const Ending& ending) noexcept
      : run_(&pages[which].run), ending_(ending), program_(program.c_str()) {
    std::snprintf(arguments_[0].data(), arguments_[0].size(), "%d", pages.descriptor());
    std::snprintf(arguments_[1].data(), arguments_[1].size(), "%zu", which);
    std::snprintf(arguments_[2].data(), arguments_[2].size(), "%d", static_cast<int>(ending.how));
    std::snprintf(arguments_[3].data(), arguments_[3].size(), "%d", ending.value);
  }

  /// Runs the child after fork. Async-signal-safe, as required there: the other threads are gone, together with any
  /// locks they held.
  [[noreturn]] void run() const noexcept {
    run_->body();
    end_process(ending_);
  }

  /// For exec: the program, its arguments and an empty environment, so that neither the user's environment nor a
  /// preloaded library adds to the cost.
  [[nodiscard]] const char* program() const noexcept { return program_; }
  [[nodiscard]] std::array<char*, 6> arguments() const noexcept {
    const auto argument = [this](std::size_t i) { return const_cast<char*>(arguments_[i].data()); };
    return {const_cast<char*>(program_), argument(0), argument(1), argument(2), argument(3), nullptr};
  }
  [[nodiscard]] static std::array<char*, 1> environment() noexcept { return {nullptr}; }

 private:
  Run* run_;
  Ending ending_;
  const char* program_;
  std::array<std::array<char, 24>, 4> arguments_{};
};

}  // namespace racetrack::spawn
