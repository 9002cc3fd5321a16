// shutdown: a pool is shut down while tasks are queued, running and being submitted.
//
//   submitter 0 --> [task][task] ... shut down! --+
//   submitter 1 --> [task][task][task][refused] ... --> pool      metric: time of the shutdown
//
// mode:drain: every accepted task runs. mode:cancel: it runs, or its future reports that it never will. A task that is
// submitted later is refused. For a pool that does not refuse tasks, the shutdown begins after the last submission.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/pool/round.hpp>

namespace racetrack::pool {

inline constexpr const char* kDrain = "drain";
inline constexpr const char* kCancel = "cancel";

/// The round of `shutdown`.
template <class Pool, class Probe>
class Shutdown final : public PoolRound<Pool, Probe> {
  using Base = PoolRound<Pool, Probe>;
  using Base::plan_, Base::shape_, Base::book_, Base::pool_, Base::traits_;
  using typename Base::Expected, typename Base::Task;

 public:
  Shutdown(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, plan.work + 1, true),
        cancels_(plan.params.text("mode") == kCancel),
        futures_(shape_.submitters) {
    for (auto& mine : futures_) mine.list.reserve(plan.work / shape_.submitters + 2);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    this->submit_and_count(thread, log, [&](Tally& tally) {
      auto& futures = futures_[thread].list;
      for (std::uint64_t task = thread; task < plan_.work && !plan_.stop->raised(); task += shape_.submitters) {
        if (!this->submit(Task{this, task}, task, probe, tally, futures)) break;
      }
      // acq_rel: all submissions happen before the last submitter's shutdown. This is the workload's own join.
      const bool last = finished_.fetch_add(1, std::memory_order_acq_rel) + 1 == shape_.submitters;
      if (traits_.refuses ? thread == 0 : last) shut_down(probe, tally);
      for (auto& [future, task] : futures) {
        this->collect(future, task, book_.sizes().result(task), probe, tally);
      }
    });
  }

  [[nodiscard]] Verdict check() const override {
    if (accepted_late_) {
      return {Result::fail, "accepted_late", "oracle.shutdown",
              "a task was accepted after the pool had been shut down"};
    }
    return Base::check();
  }
  [[nodiscard]] Expected expected() const override { return {}; }
  [[nodiscard]] std::vector<Measurement> measurements() const override { return {{"shutdown_ns", shutdown_ns_}}; }

 private:
  using Futures = std::vector<std::pair<Future<Pool, Task>, std::uint64_t>>;
  struct alignas(kApart) Mine {
    Futures list;
  };

  [[nodiscard]] bool may_cancel() const override { return cancels_; }
  [[nodiscard]] bool may_refuse() const override { return traits_.refuses; }
  [[nodiscard]] bool sums_are_known() const override { return false; }

  void shut_down(Probe& probe, Tally& tally) {
    const Ticks begun = ticks_before();
    if constexpr (Cancels<Pool>) {
      if (cancels_) pool_->cancel();
    }
    if constexpr (Drains<Pool>) {
      if (!cancels_) pool_->drain();
    }
    shutdown_ns_ = plan_.clock.ns(ticks_after() - begun);
    if (!traits_.refuses) return;
    Futures late;
    accepted_late_ = this->submit(Task{this, plan_.work}, plan_.work, probe, tally, late);
  }

  bool cancels_;
  bool accepted_late_ = false;
  double shutdown_ns_ = 0;
  std::vector<Mine> futures_;
  alignas(kApart) std::atomic<std::size_t> finished_{0};
};

}  // namespace racetrack::pool
