// thread: a body runs on another thread and is waited for.
#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include <racetrack/spawn/start_round.hpp>

namespace racetrack::spawn {

/// Runs a task on another thread. start returns a handle, which is passed to join once. When join returns, the task has
/// run once and its effects are visible. Several starters call it concurrently, each for its own tasks.
template <class Subject>
concept ThreadStarter = std::default_initializable<Subject> && requires(Subject& subject, Task task) {
  subject.join(subject.start(task));
};

/// The round of `thread`.
template <ThreadStarter Subject, class Probe>
class ThreadStart final : public StartRound<Probe> {
 public:
  explicit ThreadStart(const RoundPlan& plan) : StartRound<Probe>(plan), runs_(plan.work) {}

  void run(std::size_t thread, ThreadLog& log) override {
    this->start_all(
        thread, log, [this](std::uint64_t i) { return subject_.start(Task(runs_[i])); },
        [this](auto handle, std::uint64_t i) -> const Run& {
          subject_.join(std::move(handle));
          return runs_[i];
        });
  }

 private:
  std::vector<Run> runs_;
  Subject subject_;  // destroyed before the records that its bodies write
};

}  // namespace racetrack::spawn
