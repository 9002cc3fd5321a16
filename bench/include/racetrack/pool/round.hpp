// Base of the rounds of all pool workloads: the pool, its tasks, the sums of the submitters, the check, the
// measurements.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sched.h>

#include <racetrack/clock.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/pool/book.hpp>
#include <racetrack/pool/contract.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::pool {

/// The parameters of a pool case.
struct Shape {
  explicit Shape(const RoundPlan& plan)
      : threads(plan.params.number("threads", 1)), submitters(plan.params.number("submitters", 1)) {}
  std::size_t threads;
  std::size_t submitters;
};

/// Returns the number of processors that the calling thread, and the threads it creates, may use.
inline std::size_t usable_processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<std::size_t>(CPU_COUNT(&set)) : 1;
}

/// Returns the processor time of all threads of this process, in nanoseconds.
inline double process_cpu_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Measures the current time of a step of work() in nanoseconds: the fastest of four short runs.
inline double measure_step_ns(const Clock& clock) noexcept {
  constexpr std::uint64_t kSteps = 30'000;
  double shortest = 1e9;
  for (std::uint64_t run = 0; run < 4; ++run) {
    const Ticks begun = ticks_before();
    work(run, kSteps);
    shortest = std::min(shortest, clock.ns(ticks_after() - begun) / static_cast<double>(kSteps));
  }
  return shortest;
}

/// The sums of a submitter. It keeps them in registers and stores them once.
struct alignas(kApart) Tally {
  std::uint64_t submitted = 0;
  std::uint64_t refused = 0;
  std::uint64_t results = 0;    ///< tasks whose future returned a value
  std::uint64_t sum = 0;        ///< of the values, modulo 2^64
  std::uint64_t thrown = 0;     ///< tasks whose future threw what the task throws
  std::uint64_t cancelled = 0;  ///< tasks whose future reported that they will never run
  std::uint64_t wrong = 0;      ///< tasks whose future reported anything else
  bool stopped = false;         ///< the watchdog ended the round
  Ticks begun = 0, ended = 0;
};

/// The base class of all pool rounds. `throwing` states whether some tasks of a recorded round throw.
template <class Pool, class Probe>
class PoolRound : public Round {
 public:
  /// A submitted task. It is as small as possible, so that the pool's own costs are visible.
  struct Task {
    PoolRound* round;
    std::uint64_t number;
    std::uint64_t operator()() const {
      return round->book_.template run<Probe>(number, [this] { return round->book_.sizes().run(number); });
    }
  };

  PoolRound(const RoundPlan& plan, const Traits& traits, std::uint64_t tasks, bool throwing)
      : plan_(plan),
        traits_(traits),
        shape_(plan),
        book_(plan, tasks, shape_.submitters, throwing),
        tallies_(shape_.submitters),
        parallel_(std::min(traits.thread_per_task ? usable_processors() : shape_.threads, usable_processors())),
        pool_(std::in_place, shape_.threads) {
    if (plan.probe != ProbeKind::history) step_ns_ = measure_step_ns(plan.clock);
  }

  [[nodiscard]] std::vector<Role> roles() const override { return {{"submitter", shape_.submitters}}; }

  /// Destroys the pool, and thereby ends every thread that could still record an operation.
  void settle(ThreadLog& log) override {
    if constexpr (KeepsStatistics<Pool>) statistics_ = pool_->statistics();
    pool_.reset();
    book_.append_to(log.operations);
  }

  /// The number of results of the round, their sum modulo 2^64, and the steps of work that they took.
  struct Expected {
    std::uint64_t results = 0, sum = 0, steps = 0;
  };
  /// Returns the correct results of the round.
  [[nodiscard]] virtual Expected expected() const = 0;

  [[nodiscard]] Verdict check() const override {
    const Tally all = total();
    const auto counts = std::to_string(all.submitted) + " tasks submitted, " + std::to_string(all.results) +
                        " results came" + (all.thrown != 0 ? ", " + std::to_string(all.thrown) + " exceptions" : "") +
                        (all.cancelled != 0 ? ", " + std::to_string(all.cancelled) + " were never run" : "");
    if (all.refused != 0 && !may_refuse()) {
      return {Result::fail, "lost", "oracle.sum", std::to_string(all.refused) + " tasks were refused; " + counts};
    }
    if (all.stopped) return {Result::fail, "hang", "watchdog", "the pool did not finish; " + counts};
    if (all.wrong != 0)
      return {Result::fail, "wrong_result", "oracle.sum", counts + ", and " + std::to_string(all.wrong) + " wrong"};
    if (all.results + all.thrown + all.cancelled != all.submitted) return {Result::fail, "lost", "oracle.sum", counts};
    if (!may_cancel() && all.cancelled != 0) return {Result::fail, "lost", "oracle.sum", counts};
    if (plan_.probe == ProbeKind::history || !sums_are_known()) return {};  // the oracles check each task
    const Expected wanted = expected();
    if (all.results != wanted.results) return {Result::fail, "lost", "oracle.sum", counts};
    if (all.sum != wanted.sum) return {Result::fail, "wrong_result", "oracle.sum", counts + ", but they do not add up"};
    return {};
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    if (plan_.probe == ProbeKind::history) return {};
    const Tally all = total();
    const double elapsed = plan_.clock.ns(all.ended - all.begun);
    const auto tasks = static_cast<double>(all.results);
    if (elapsed <= 0 || tasks == 0) return {};
    const auto parallel = static_cast<double>(parallel_);
    const double useful = static_cast<double>(expected().steps) * step_ns_;
    std::vector<Measurement> list{{"efficiency_ratio", useful / (parallel * elapsed)},
                                  {"overhead_ns_per_task", (parallel * elapsed - useful) / tasks},
                                  {"idle_ratio", std::max(0.0, 1 - cpu_ns_ / (parallel * elapsed))},
                                  {"cpu_ns_per_task", cpu_ns_ / tasks}};
    if (book_.first_end() > all.begun)
      list.emplace_back("first_result_ns", plan_.clock.ns(book_.first_end() - all.begun));
    if constexpr (KeepsStatistics<Pool>) {
      if (statistics_.ran != 0) {
        list.emplace_back("steal_ratio",
                          static_cast<double>(statistics_.stolen) / static_cast<double>(statistics_.ran));
      }
    }
    return list;
  }

 protected:
  /// Returns the results of tasks 0 to tasks - 1, each of which runs once.
  [[nodiscard]] Expected every_task(std::uint64_t tasks) const {
    Expected all{tasks, 0, book_.sizes().steps_below(tasks)};
    for (std::uint64_t task = 0; task < tasks; ++task) all.sum += book_.sizes().result(task);
    return all;
  }

  /// Returns whether accepted tasks may be dropped in this round.
  [[nodiscard]] virtual bool may_cancel() const { return false; }

  /// Runs body(tally) as the role of a submitter.
  template <class Body>
  void submit_and_count(std::size_t thread, ThreadLog& log, Body&& body) {
    Tally tally;
    const double cpu = thread == 0 ? process_cpu_ns() : 0;
    tally.begun = ticks_before();
    body(tally);
    tally.ended = ticks_after();
    if (thread == 0) cpu_ns_ = process_cpu_ns() - cpu;
    log.work_done = tally.results + tally.thrown;
    tallies_[thread] = tally;
  }

  /// Returns whether tasks may be refused in this round.
  [[nodiscard]] virtual bool may_refuse() const { return false; }
  /// Returns whether expected() has the correct sums.
  [[nodiscard]] virtual bool sums_are_known() const { return true; }

  /// Submits task `number`. Returns false when the pool refuses it.
  template <class Function, class Futures>
  bool submit(Function function, std::uint64_t number, Probe& probe, Tally& tally, Futures& futures) {
    probe.begin();
    try {
      futures.emplace_back(pool_->submit(function), number);
    } catch (const std::exception&) {
      probe.end(Action::push, number, Outcome::full);
      ++tally.refused;
      return false;
    }
    probe.end(Action::push, number, Outcome::ok);
    ++tally.submitted;
    return true;
  }

  /// Waits for the result of task `number` and records it. `right` is the correct result.
  template <class FutureType>
  void collect(FutureType& future, std::uint64_t number, std::uint64_t right, Probe& probe, Tally& tally) {
    probe.begin();
    Outcome outcome = Outcome::wrong;
    try {
      const std::uint64_t result = future.get();
      tally.sum += result;
      ++tally.results;
      if (Probe::kKind != ProbeKind::history || result == right) outcome = Outcome::ok;
    } catch (const TaskFailed& failure) {
      if (failure.task == number) outcome = Outcome::thrown;
      ++tally.thrown;
    } catch (const std::future_error& error) {
      if (error.code() == std::future_errc::broken_promise) outcome = Outcome::cancelled;
      ++tally.cancelled;
    } catch (...) {
      ++tally.wrong;
    }
    // A task that is lost without a cancel has no result. The oracles report that it never ran.
    if (outcome == Outcome::cancelled && !may_cancel()) return;
    probe.end(Action::result, number, outcome);
  }

  RoundPlan plan_;
  Traits traits_;
  Shape shape_;
  Book book_;

 private:
  [[nodiscard]] Tally total() const {
    Tally all = tallies_.front();
    for (std::size_t i = 1; i < tallies_.size(); ++i) {
      const Tally& each = tallies_[i];
      all.submitted += each.submitted;
      all.refused += each.refused;
      all.results += each.results;
      all.sum += each.sum;
      all.thrown += each.thrown;
      all.cancelled += each.cancelled;
      all.wrong += each.wrong;
      all.stopped |= each.stopped;
      all.begun = std::min(all.begun, each.begun);
      all.ended = std::max(all.ended, each.ended);
    }
    return all;
  }

  std::vector<Tally> tallies_;
  double step_ns_ = 1;
  double cpu_ns_ = 0;
  Statistics statistics_;

 protected:
  std::size_t parallel_;  ///< tasks that can run concurrently
  /// The last member, so that its threads end before the other members are destroyed.
  std::optional<Pool> pool_;
};

}  // namespace racetrack::pool
