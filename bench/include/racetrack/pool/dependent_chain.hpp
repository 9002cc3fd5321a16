// dependent_chain: each task needs the result of the previous one, so no tasks overlap.
//
//   submitter --> [task 0] --> result --> [task 1] --> result --> ...      metric: nanoseconds per task, there and back
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include <racetrack/pool/round.hpp>

namespace racetrack::pool {

/// The round of `dependent_chain`.
template <class Pool, class Probe>
class DependentChain final : public PoolRound<Pool, Probe> {
  using Base = PoolRound<Pool, Probe>;
  using Base::plan_, Base::book_;
  using typename Base::Expected, typename Base::Task;

  /// A task that adds its result to the sum of the previous ones. It can only be created when that sum is known.
  struct Link {
    Task task;
    std::uint64_t before;
    std::uint64_t operator()() const { return before + task(); }
  };

 public:
  DependentChain(const RoundPlan& plan, const Traits& traits) : Base(plan, traits, plan.work, true) {
    this->parallel_ = 1;
  }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    this->submit_and_count(thread, log, [&](Tally& tally) {
      One<Future<Pool, Link>> link;
      std::uint64_t before = 0, right = 0;
      for (std::uint64_t task = 0; task < plan_.work && !plan_.stop->raised(); ++task) {
        right = before + book_.sizes().result(task);
        if (!this->submit(Link{{this, task}, before}, task, probe, tally, link)) break;
        tally.sum = 0;
        const std::uint64_t results = tally.results;
        this->collect(link.future->first, task, right, probe, tally);
        if (tally.results != results) before = tally.sum;  // a task that throws passes no result on
      }
      tally.sum = before;
      tally.stopped = plan_.stop->raised();
    });
  }

  [[nodiscard]] Expected expected() const override { return this->every_task(plan_.work); }

 private:
  /// A container of one future, with the interface that submit() needs.
  template <class FutureType>
  struct One {
    std::optional<std::pair<FutureType, std::uint64_t>> future;
    void emplace_back(FutureType&& value, std::uint64_t task) { future.emplace(std::move(value), task); }
  };
};

}  // namespace racetrack::pool
