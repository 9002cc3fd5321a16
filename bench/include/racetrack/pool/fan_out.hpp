// fan_out: n tasks, and the sum of their results. uneven: the same with tasks of different lengths. submit_from_many:
// the same from several submitters.
//
//   submitter --> [task][task][task] ... --> pool --> results --> submitter      metric: tasks per second
//
// results:future: the submitter keeps a future for each task and gets the results in order. results:group: the
// submitter invokes one function in the pool, which runs the tasks in a Group and waits for them.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <racetrack/pool/round.hpp>

namespace racetrack::pool {

inline constexpr const char* kFuture = "future";
inline constexpr const char* kGroup = "group";

/// The round of `fan_out`, `uneven` and `submit_from_many`.
template <class Pool, class Probe>
class FanOut final : public PoolRound<Pool, Probe> {
  using Base = PoolRound<Pool, Probe>;
  using Base::plan_, Base::shape_, Base::book_, Base::pool_;
  using typename Base::Expected, typename Base::Task;

 public:
  FanOut(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, plan.work, !in_group(plan)), in_group_(in_group(plan)), futures_(shape_.submitters) {
    if (in_group_) {
      results_.resize(plan.work);
      return;
    }
    for (auto& mine : futures_) mine.list.reserve(plan.work / shape_.submitters + 1);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    this->submit_and_count(thread, log, [&](Tally& tally) {
      if constexpr (HasGroups<Pool>) {
        if (in_group_) return run_group(tally);
      }
      run_futures(thread, probe, tally);
    });
  }

  [[nodiscard]] Expected expected() const override { return this->every_task(plan_.work); }

 private:
  struct alignas(kApart) Mine {
    std::vector<std::pair<Future<Pool, Task>, std::uint64_t>> list;
  };

  static bool in_group(const RoundPlan& plan) {
    return plan.params.has("results") && plan.params.text("results") == kGroup;
  }

  void run_futures(std::size_t thread, Probe& probe, Tally& tally) {
    auto& futures = futures_[thread].list;
    for (std::uint64_t task = thread; task < plan_.work && !plan_.stop->raised(); task += shape_.submitters) {
      this->submit(Task{this, task}, task, probe, tally, futures);
    }
    for (auto& [future, task] : futures) {
      if (plan_.stop->raised()) {
        tally.stopped = true;
        break;
      }
      this->collect(future, task, book_.sizes().result(task), probe, tally);
    }
  }

  void run_group(Tally& tally) {
    pool_->invoke([&] {
      typename Pool::Group group(*pool_);
      for (std::uint64_t task = 0; task < plan_.work; ++task) {
        book_.template fork<Probe>(task, [&] { group.run([this, task] { results_[task] = Task{this, task}(); }); });
      }
      group.wait();
    });
    for (std::uint64_t task = 0; task < plan_.work; ++task) {
      tally.sum += results_[task];
      if (Probe::kKind == ProbeKind::history && results_[task] != book_.sizes().result(task)) ++tally.wrong;
    }
    tally.submitted = tally.results = plan_.work;
  }

  bool in_group_;
  std::vector<Mine> futures_;
  std::vector<std::uint64_t> results_;  ///< results:group
};

}  // namespace racetrack::pool
