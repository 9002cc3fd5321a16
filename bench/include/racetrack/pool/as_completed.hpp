// as_completed: results in the order in which tasks end, as the lecture's program takes them.
//
//   submitter --> [task][task][task] ... --> pool --> completion queue --> future --> submitter      metric: tasks
//                                                                                                      per second
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <racetrack/pool/completion_queue.hpp>
#include <racetrack/pool/round.hpp>

namespace racetrack::pool {

/// The round of `as_completed`.
template <class Pool, class Probe>
class AsCompleted final : public PoolRound<Pool, Probe> {
  using Base = PoolRound<Pool, Probe>;
  using Base::plan_, Base::book_;
  using typename Base::Expected, typename Base::Task;

  /// A task that puts its number into the completion queue when it ends.
  struct NotifyingTask {
    AsCompleted* round;
    std::uint64_t number;
    std::uint64_t operator()() const {
      struct Notify {
        const NotifyingTask& task;
        ~Notify() { task.round->ended_.put(task.number); }  // runs whether the task returns or throws
      } const notify{*this};
      return Task{round, number}();
    }
  };

 public:
  AsCompleted(const RoundPlan& plan, const Traits& traits) : Base(plan, traits, plan.work, true), ended_(plan.work) {
    futures_.reserve(plan.work);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    this->submit_and_count(thread, log, [&](Tally& tally) {
      for (std::uint64_t task = 0; task < plan_.work && !plan_.stop->raised(); ++task) {
        this->submit(NotifyingTask{this, task}, task, probe, tally, futures_);
      }
      for (std::size_t i = 0; i < futures_.size() && !plan_.stop->raised(); ++i) {
        auto& [future, task] = futures_[ended_.take()];
        this->collect(future, task, book_.sizes().result(task), probe, tally);
      }
      tally.stopped = plan_.stop->raised();
    });
  }

  [[nodiscard]] Expected expected() const override { return this->every_task(plan_.work); }

 private:
  CompletionQueue ended_;
  std::vector<std::pair<Future<Pool, NotifyingTask>, std::uint64_t>> futures_;
};

}  // namespace racetrack::pool
