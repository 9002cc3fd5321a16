// process: a child process is started, ends, and is waited for.
#pragma once

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <csignal>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <sys/wait.h>

#include <racetrack/spawn/child.hpp>
#include <racetrack/spawn/start_round.hpp>

namespace racetrack::spawn {

/// Starts children. start returns the child's process number. wait returns how the child ended and leaves no zombie.
/// Several starters call it concurrently, each for its own children.
template <class Subject>
concept ProcessStarter = std::default_initializable<Subject> &&
    requires(Subject& subject, const Child& child, pid_t process) {
  { subject.start(child) } -> std::same_as<pid_t>;
  { subject.wait(process) } -> std::same_as<Ending>;
};

/// Returns how child number i of a round must end: every fourth by a signal, the others with an exit status other than
/// 0.
inline Ending ending_of_child(std::uint64_t i) noexcept {
  if (i % 4 == 3) return {Ending::How::signal, i % 8 == 3 ? SIGKILL : SIGTERM};
  return {Ending::How::exit, static_cast<int>(1 + i % 200)};
}

/// Waits for `process` and returns how it ended. Throws std::system_error when there is no such child.
inline Ending wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "cannot wait for a child");
  }
  return ending_of(status);
}

/// Kills and reaps the children that the subject did not wait for, and returns their process numbers. This process must
/// have no other children.
inline std::vector<pid_t> collect_children(const std::vector<pid_t>& started) {
  std::vector<pid_t> left;
  siginfo_t info{};
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return left;  // ECHILD: none left
  for (const pid_t process : started) {
    if (waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0) kill(process, SIGKILL);
  }
  for (pid_t process = 0; (process = waitpid(-1, nullptr, 0)) > 0 || errno == EINTR;) {
    if (process > 0) left.push_back(process);
  }
  return left;
}

/// The round of `process`.
template <ProcessStarter Subject, class Probe>
class ProcessStart final : public StartRound<Probe> {
 public:
  ProcessStart(const RoundPlan& plan, std::string program)
      : StartRound<Probe>(affordable(plan)),
        program_(std::move(program)),
        pages_(this->plan_.work),
        processes_(this->plan_.work),
        wrong_(this->starters_) {}

  void run(std::size_t thread, ThreadLog& log) override {
    std::optional<Child> child;  // one at a time
    this->start_all(
        thread, log,
        [&](std::uint64_t i) {
          child.emplace(program_, pages_, i, ending_of_child(i));
          return processes_[i] = subject_.start(*child);
        },
        [&](pid_t process, std::uint64_t i) -> const Run& {
          const Ending reported = subject_.wait(process);
          if (reported != ending_of_child(i)) wrong_[thread].add(reported, ending_of_child(i));
          return pages_[i].run;
        });
  }

  void settle(ThreadLog&) override { left_ = collect_children(processes_); }

  [[nodiscard]] Verdict check() const override {
    Verdict runs = StartRound<Probe>::check();
    if (runs.result == Result::fail) return runs;
    for (const Wrong& wrong : wrong_) {
      if (wrong.count == 0) continue;
      return {Result::fail, "wrong_result", "oracle.ending",
              std::to_string(wrong.count) + " children were reported with the wrong ending; the first ended with " +
                  wrong.expected.text() + " and was reported with " + wrong.reported.text()};
    }
    if (left_.empty()) return {};
    return {Result::fail, "leak", "oracle.zombies",
            std::to_string(left_.size()) + " children were not waited for; the first: process " +
                std::to_string(left_.front())};
  }

 private:
  /// Limits the starts of a round to 4 GiB of parent memory in sum, but at least 4 starts. A fork of a gibibyte takes
  /// tens of milliseconds, and a round should not take seconds.
  static RoundPlan affordable(RoundPlan plan) {
    constexpr std::uint64_t kMebibytesOfRound = 4096, kLeastStarts = 4;
    const std::uint64_t most = kMebibytesOfRound / plan.params.number("resident_mib", 1);
    plan.work = std::min(plan.work, std::max(most, kLeastStarts));
    return plan;
  }

  struct alignas(kApart) Wrong {
    std::uint64_t count = 0;
    Ending reported, expected;
    void add(const Ending& first_reported, const Ending& first_expected) noexcept {
      if (count++ != 0) return;
      reported = first_reported;
      expected = first_expected;
    }
  };

  std::string program_;
  Shared<Page> pages_;
  std::vector<pid_t> processes_;
  std::vector<Wrong> wrong_;
  std::vector<pid_t> left_;
  Subject subject_;
};

}  // namespace racetrack::spawn
