// thread: a body is run on another thread, and waited for.
#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include <racetrack/spawn/start_round.hpp>

namespace racetrack::spawn {

/// Runs a task on another thread. start returns a handle, which join is given once; when join returns, the task has run, once, and
/// all that it did is visible. Called by several starters at once, each joining what it started.
template <class Subject>
concept ThreadStarter = std::default_initializable<Subject> && requires(Subject& subject, Task task) {
  subject.join(subject.start(task));
};

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
  Subject subject_;  // ends before what its bodies write to
};

}  // namespace racetrack::spawn
