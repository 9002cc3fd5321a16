// wait_idle: several threads submit tasks and wait until the pool is idle.
//
//   submitter 0: [submit][wait until idle] ... --+
//   submitter 1: [submit][wait until idle] ... ----> pool      metric: tasks per second
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <racetrack/pool/round.hpp>

namespace racetrack::pool {

/// The round of `wait_idle`.
template <WaitsIdle Pool, class Probe>
class WaitIdle final : public PoolRound<Pool, Probe> {
  using Base = PoolRound<Pool, Probe>;
  using Base::plan_, Base::shape_, Base::book_, Base::pool_;
  using typename Base::Expected, typename Base::Task;

 public:
  WaitIdle(const RoundPlan& plan, const Traits& traits) : Base(plan, traits, plan.work, true) {}

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    this->submit_and_count(thread, log, [&](Tally& tally) {
      std::vector<std::pair<Future<Pool, Task>, std::uint64_t>> future;
      for (std::uint64_t task = thread; task < plan_.work && !plan_.stop->raised(); task += shape_.submitters) {
        future.clear();
        if (!this->submit(Task{this, task}, task, probe, tally, future)) break;
        pool_->wait_idle();
        this->collect(future.front().first, task, book_.sizes().result(task), probe, tally);
      }
      tally.stopped = plan_.stop->raised();
    });
  }

  [[nodiscard]] Expected expected() const override { return this->every_task(plan_.work); }
};

}  // namespace racetrack::pool
