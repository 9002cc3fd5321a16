// Base of the rounds that start threads or processes: the starters, the stamps of the bodies, and the histories and
// latencies.
//
//   starter 0: [start join] [start join] ... --> body, body, ...      metrics: starts per second; start, running, join
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/probe.hpp>
#include <racetrack/queue/item.hpp>
#include <racetrack/scenario.hpp>
#include <racetrack/spawn/run.hpp>

namespace racetrack::spawn {

/// Index in ThreadLog::latencies.
/// - start: from the call until it returns, the cost to the starter.
/// - running: from the call until the body runs.
/// - join: from the body's end until the join has returned.
enum Latency : std::size_t { kStart, kRunning, kJoin, kLatencies };

/// Largest number of starters that a user may choose.
inline constexpr std::uint64_t kMostStarters = 16;

/// The axis that all workloads of this base share.
inline Axis starters_axis() {
  return {.name = "starters", .defaults = {"1"}, .full = {"1", "2"}, .stress = {"2"}, .largest = kMostStarters};
}

/// The base class of the rounds of `thread` and `process`.
template <class Probe>
class StartRound : public Round {
 public:
  explicit StartRound(const RoundPlan& plan)
      : plan_(plan), starters_(plan.params.number("starters", 1)), tallies_(starters_) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"starter", starters_}}; }

  /// Returns means over the round: slow starts, such as a fork, are too few for percentiles.
  [[nodiscard]] std::vector<Measurement> measurements() const override {
    const Tally all = sum();
    const std::uint64_t ran = all.starts - all.never;
    if (Probe::kKind == ProbeKind::history || ran == 0) return {};
    std::vector<Measurement> means;
    for (const auto& [name, which] :
         {std::pair{"start_mean_ns", kStart}, {"running_mean_ns", kRunning}, {"join_mean_ns", kJoin}}) {
      means.emplace_back(name, plan_.clock.ns(all.ticks[which]) / static_cast<double>(ran));
    }
    return means;
  }

  [[nodiscard]] Verdict check() const override {
    const Tally all = sum();
    const std::string of = " of " + std::to_string(all.starts) + " bodies ";
    if (all.never != 0) {
      return {Result::fail, "lost", "oracle.runs",
              std::to_string(all.never) + of + "had not run when they were joined"};
    }
    if (all.again != 0) {
      return {Result::fail, "duplicated", "oracle.runs", std::to_string(all.again) + of + "ran more than once"};
    }
    return {};
  }

 protected:
  /// Performs the starts of `thread` in sequence. start(i) starts number i of the round and returns a handle.
  /// join(handle, i) waits for its end and returns its record.
  template <class Start, class Join>
  void start_all(std::size_t thread, ThreadLog& log, Start&& start, Join&& join) {
    Probe probe(log, plan_, thread);
    Tally tally;
    for (std::uint64_t i = thread; i < plan_.work && !plan_.stop->raised(); i += starters_) {
      const Ticks called = ticks_before();
      probe.begin();
      auto handle = start(i);
      probe.end(Action::push, queue::value_of(thread, i), Outcome::ok);
      const Ticks started = ticks_done();
      const Run& run = join(std::move(handle), i);
      const Ticks joined = ticks_after();
      const std::uint32_t times = run.times.load(std::memory_order_relaxed);
      ++tally.starts;
      tally.never += times == 0 ? 1 : 0;
      tally.again += times > 1 ? 1 : 0;
      if constexpr (Probe::kKind == ProbeKind::history) {
        record(thread, i, run, times, log);
      } else if (times != 0) {
        const std::array<Ticks, kLatencies> took{started - called, run.begun - std::min(run.begun, called),
                                                 joined - std::min(run.ended, joined)};
        for (std::size_t which = 0; which < kLatencies; ++which) {
          log.latencies[which].record(took[which]);
          tally.ticks[which] += took[which];
        }
      }
    }
    log.work_done = tally.starts;
    tallies_[thread] = tally;
  }

  RoundPlan plan_;
  std::size_t starters_;

 private:
  struct alignas(kApart) Tally {
    std::uint64_t starts = 0, never = 0, again = 0;
    std::array<Ticks, kLatencies> ticks{};
  };

  [[nodiscard]] Tally sum() const {
    Tally all;
    for (const Tally& tally : tallies_) {
      all.starts += tally.starts;
      all.never += tally.never;
      all.again += tally.again;
      for (std::size_t which = 0; which < kLatencies; ++which) all.ticks[which] += tally.ticks[which];
    }
    return all;
  }

  /// Records the operations of a body in the log of the thread that joined it, under a separate thread number.
  void record(std::size_t thread, std::uint64_t i, const Run& run, std::uint32_t times, ThreadLog& log) {
    const auto body = static_cast<std::uint32_t>(starters_ + thread);
    const Ticks begun = plan_.stamped ? run.begun : 0, ended = plan_.stamped ? run.ended : 0;
    for (std::uint32_t time = 0; time < times; ++time) {
      log.operations.push_back({queue::value_of(thread, i), begun, ended, body, 0, Action::run, Outcome::ok});
    }
  }

  std::vector<Tally> tallies_;
};

}  // namespace racetrack::spawn
