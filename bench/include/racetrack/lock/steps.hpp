// steps: every thread of a program performs its step equally often.
//
//   thread 0: [step][step] ... --+
//   thread 1: [step][step] ... ----> locks, conditions      metric: steps per second
#pragma once

#include <algorithm>
#include <cstdint>

#include <racetrack/lock/contract.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::lock {

/// The round of a program's workload.
template <class Subject, class Probe>
class Steps final : public Round {
 public:
  explicit Steps(const RoundPlan& plan)
      : plan_(plan), steps_(std::max<std::uint64_t>(1, plan.work / Subject::kThreads)) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"thread", Subject::kThreads}}; }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    std::uint64_t done = 0;
    while (done < steps_ && !plan_.stop->raised()) {
      probe.begin();
      program_.step(thread);
      probe.end(Action::run, done * Subject::kThreads + thread + 1, Outcome::ok);
      ++done;
    }
    log.work_done = done;
  }

  [[nodiscard]] Verdict check() const override {
    if constexpr (Checked<Subject>) {
      return program_.check();
    } else {
      return {};
    }
  }

 private:
  RoundPlan plan_;
  std::uint64_t steps_;
  alignas(kApart) Subject program_;
};

}  // namespace racetrack::lock
