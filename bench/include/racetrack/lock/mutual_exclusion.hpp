// mutual_exclusion: threads acquire one lock, increment a counter under it, and release it.
//
//   thread 0: [lock ++count unlock] [lock ... --+
//   thread 1: [lock ++count unlock] [lock ... ----> one lock      metric: steps per second
//
// Two threads in the critical section at the same time are detected in two ways: their intervals overlap in the
// history, and the plain counter is too low.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::lock {

/// A lock for the threads 0 to kMostThreads - 1. The thread that has locked it unlocks it.
template <class Subject>
concept Lock = std::default_initializable<Subject> && requires(Subject& lock, std::size_t thread) {
  { Subject::kMostThreads } -> std::convertible_to<std::size_t>;
  lock.lock(thread);
  lock.unlock(thread);
};

/// The round of `mutual_exclusion`.
template <Lock Subject, class Probe>
class MutualExclusion final : public Round {
 public:
  explicit MutualExclusion(const RoundPlan& plan)
      : plan_(plan),
        threads_(plan.params.number("threads", 2)),
        steps_(std::max<std::uint64_t>(1, plan.work / threads_)),
        done_(threads_) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"thread", threads_}}; }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    std::uint64_t done = 0;
    while (done < steps_ && !plan_.stop->raised()) {
      probe.begin();
      guarded_.lock.lock(thread);
      probe.end(Action::acquire, kExclusive, Outcome::ok);
      ++guarded_.count;
      probe.begin();
      guarded_.lock.unlock(thread);
      probe.end(Action::release, kExclusive, Outcome::ok);
      ++done;
    }
    log.work_done = done;
    done_[thread].steps = done;
  }

  [[nodiscard]] Verdict check() const override {
    std::uint64_t steps = 0;
    for (const Done& done : done_) steps += done.steps;
    if (guarded_.count == steps) return {};
    return {Result::fail, "exclusion", "oracle.count",
            std::to_string(steps) + " steps under the lock, of which " + std::to_string(guarded_.count) +
                " were counted: two threads held it at once"};
  }

 private:
  struct alignas(kApart) Done {
    std::uint64_t steps = 0;
  };
  /// Aligned, so that no other data shares these cache lines.
  struct alignas(kApart) Guarded {
    Subject lock;
    std::uint64_t count = 0;
  };

  RoundPlan plan_;
  std::size_t threads_;
  std::uint64_t steps_;
  std::vector<Done> done_;
  Guarded guarded_;
};

/// Registers `mutual_exclusion`: registry.add<racetrack::lock::Locks, MyLock>("my_lock", {...}).
struct Locks {
  struct Traits {
    std::string library = "racetrack";  ///< package or project, with its version
    bool fences = false;                ///< uses atomic_thread_fence, which ThreadSanitizer does not model
  };

  template <Lock Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    Scenario scenario;
    scenario.family = "lock";
    scenario.workload = "mutual_exclusion";
    scenario.subject = name;
    scenario.standing = standing;
    scenario.expectation = expectation;
    scenario.traits = {{"library", traits.library}, {"fences", traits.fences}};
    scenario.axes = {{.name = "threads",
                      .defaults = {"2"},
                      .full = {"1", "2"},
                      .largest = std::min<std::uint64_t>(Subject::kMostThreads, 128)}};
    if (Subject::kMostThreads >= 4) scenario.axes.front().full.emplace_back("4");
    scenario.oracles = {"exclusion"};
    scenario.unit = "step";
    scenario.make_round = [](const RoundPlan& plan) -> std::unique_ptr<Round> {
      switch (plan.probe) {
        case ProbeKind::throughput: return std::make_unique<MutualExclusion<Subject, ThroughputProbe>>(plan);
        case ProbeKind::latency: break;
        case ProbeKind::history: return std::make_unique<MutualExclusion<Subject, HistoryProbe>>(plan);
      }
      throw std::invalid_argument("the workload has no such probe");
    };
    registry.add(std::move(scenario));
  }
};

}  // namespace racetrack::lock
