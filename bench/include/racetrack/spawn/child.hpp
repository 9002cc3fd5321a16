// What a process starter is given to start: the same body as a function for a forked process and as a program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include <csignal>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/beside.hpp>
#include <racetrack/shared_memory.hpp>
#include <racetrack/spawn/ending.hpp>
#include <racetrack/spawn/run.hpp>

namespace racetrack::spawn {

/// Runs stand a page apart in shared memory: a program maps its own and no other.
struct alignas(4096) Page {
  Run run;
};

/// Ends this process. Async-signal-safe, and past every handler of the end: a sanitizer's would change the exit status.
[[noreturn]] inline void end_process(const Ending& ending) noexcept {
  if (ending.how == Ending::How::signal) {
    ::signal(ending.value, SIG_DFL);
    ::kill(getpid(), ending.value);
  }
  for (;;) syscall(SYS_exit_group, ending.value);
}

/// The program that does what Child::run does: built beside the plugins.
inline constexpr const char* kChildProgram = "racetrack_child";

/// One child: it counts and stamps its run, and ends as it is told. Lives until the child has been waited for.
class Child {
 public:
  Child(const std::string& program, const Shared<Page>& pages, std::size_t which, const Ending& ending) noexcept
      : run_(&pages[which].run), ending_(ending), program_(program.c_str()) {
    std::snprintf(words_[0].data(), words_[0].size(), "%d", pages.descriptor());
    std::snprintf(words_[1].data(), words_[1].size(), "%zu", which);
    std::snprintf(words_[2].data(), words_[2].size(), "%d", static_cast<int>(ending.how));
    std::snprintf(words_[3].data(), words_[3].size(), "%d", ending.value);
  }

  /// For the process that fork makes. Async-signal-safe, as everything must be there: the other threads are gone, with whatever
  /// locks they held.
  [[noreturn]] void run() const noexcept {
    run_->body();
    end_process(ending_);
  }

  /// For exec: the program, its arguments, and an environment that is empty, so that neither the user's nor a preloaded library
  /// is part of the cost.
  [[nodiscard]] const char* program() const noexcept { return program_; }
  [[nodiscard]] std::array<char*, 6> arguments() const noexcept {
    const auto word = [this](std::size_t i) { return const_cast<char*>(words_[i].data()); };
    return {const_cast<char*>(program_), word(0), word(1), word(2), word(3), nullptr};
  }
  [[nodiscard]] static std::array<char*, 1> environment() noexcept { return {nullptr}; }

 private:
  Run* run_;
  Ending ending_;
  const char* program_;
  std::array<std::array<char, 24>, 4> words_{};
};

}  // namespace racetrack::spawn
