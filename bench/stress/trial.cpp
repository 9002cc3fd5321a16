#include "stress/trial.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

#include "load/given_time.hpp"
#include "load/memory.hpp"
#include "load/placement.hpp"
#include "load/round_runner.hpp"
#include "oracle/expectation.hpp"
#include "oracle/history_json.hpp"
#include "oracle/judge.hpp"
#include "oracle/verdict_json.hpp"
#include "stress/lock_graph.hpp"
#include "stress/perturbation.hpp"
#include "stress/thread_stacks.hpp"

namespace racetrack::stress {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr std::uint64_t kLeastWork = 8;  ///< smallest work per round

std::chrono::nanoseconds seconds(double s) { return std::chrono::nanoseconds(static_cast<std::int64_t>(s * 1e9)); }

double since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

/// Returns whether more than `before` threads remain. Waits first, because a thread that was just joined may still be
/// listed, and a thread that is about to end may wait for a processor.
bool has_leaked(std::size_t before) {
  constexpr auto kPatience = std::chrono::seconds(1);
  constexpr auto kPause = std::chrono::milliseconds(10);
  constexpr auto kMost = std::chrono::seconds(30);
  const auto begin = SteadyClock::now();
  load::GivenTime given(getpid(), static_cast<pid_t>(syscall(SYS_gettid)), kPause);
  while (list_threads().size() > before) {
    if (given.exhausts(kPatience)) return true;
    if (SteadyClock::now() - begin > kMost) return false;
    std::this_thread::sleep_for(kPause);
    given.sample();
  }
  return false;
}

/// Returns the largest work of a round. At capacity 1, every item is handed over between threads, which takes long on a
/// busy machine; a round therefore has no more hand-overs than at capacity 4.
std::uint64_t most_work_of(const StressPlan& plan) {
  constexpr std::uint64_t kSmall = 4;
  return plan.most_work * std::min(kSmall, plan.params.number("capacity", kSmall)) / kSmall;
}

/// Returns the work of a round: log-uniform between the smallest value and `most`.
std::uint64_t draw_work(const Scenario& scenario, std::uint64_t most, std::uint64_t& state) {
  const double share = static_cast<double>(split_mix(state) >> 11U) * 0x1.0p-53;
  const double least = std::log(kLeastWork);
  const double work = std::exp(least + share * (std::log(static_cast<double>(most)) - least));
  return std::min(static_cast<std::uint64_t>(work), scenario.most_work);
}

class StressTrial {
 public:
  StressTrial(const Scenario& scenario, const StressPlan& plan)
      : scenario_(scenario),
        plan_(plan),
        topology_(load::Topology::detect()),
        threads_(count_threads()),
        cpus_(topology_.place(threads_, plan.pinning)),
        runner_(
            scenario, plan.params, cpus_, threads_ > topology_.hardware_threads(),
            {plan.clock, plan.skew, seconds(plan.patience_s), std::chrono::seconds(1), [this] { overdue(); },
             [this](bool on) { lock_graph_.supervise(on); }, [this] { return lock_graph_.found_stuck(); }, plan.beat}),
        worker_perturbation_(places_to_migrate()) {
    runner_.disturb_workers_with(worker_perturbation_.disturbance());
  }

  Json run() {
    load::reset_peak_memory();
    const std::size_t threads_before = list_threads().size();
    sanitizer_threads_ = list_sanitizer_threads();
    const auto begin = SteadyClock::now();
    for (std::uint64_t round = 0; !stuck_ && !complete_ && since(begin) < plan_.seconds * patience(); ++round) {
      const std::uint64_t which = plan_.only_round.value_or(round);
      run_round(which, begin);
    }
    if (!stuck_ && !scenario_.lasting_threads && has_leaked(threads_before)) {
      record({Result::fail, "leak", "process",
              "threads that the subject started are still running after it was destroyed"},
             begin);
    }
    return result(since(begin));
  }

  [[nodiscard]] bool stuck() const noexcept { return stuck_; }

 private:
  std::size_t count_threads() const {
    std::size_t threads = 0;
    for (const Role& role : load::RoundRunner::roles_of(scenario_, plan_.params, plan_.clock)) threads += role.threads;
    return threads;
  }

  [[nodiscard]] std::span<const int> places_to_migrate() const noexcept {
    return plan_.pinning == load::Pinning::none ? std::span<const int>{} : topology_.compact;
  }

  void run_round(std::uint64_t round, SteadyClock::time_point begin) {
    std::uint64_t state = plan_.seed + round * 0x9e3779b97f4a7c15U;
    const std::uint64_t work = draw_work(scenario_, most_work_of(plan_), state);
    const Strength strength = Strength::draw(split_mix(state));
    std::vector<Perturbation> perturbations;
    perturbations.reserve(threads_);
    for (std::size_t t = 0; t < threads_; ++t) {
      perturbations.emplace_back(strength, split_mix(state), places_to_migrate());
    }
    worker_perturbation_.begin_round(strength, split_mix(state));
    std::vector<Disturbance> disturbances;
    for (Perturbation& each : perturbations) disturbances.push_back(each.disturbance());
    runner_.disturb_with(disturbances);
    ++rounds_;
    current_round_ = round;
    try {
      // Every second round runs without stamps, because reading the clock orders instructions and slows the threads
      // down.
      const load::RoundOutcome outcome = runner_.run(ProbeKind::history, work, split_mix(state), round % 2 == 0);
      operations_ += outcome.work;
      judge(outcome, begin);
    } catch (const load::RoundRunner::Stuck& stuck) {
      stuck_ = true;
      // Stuck threads still use the perturbations, so they are never freed.
      static_cast<void>(new std::vector<Perturbation>(std::move(perturbations)));
      if (!lock_graph_.found_stuck()) record(hang(stuck.what, stuck.starved), begin);
    }
    if (!stuck_) runner_.disturb_with({});  // stuck threads may still read them
    for (std::string& kind : lock_graph_.new_kinds()) {
      record({Result::fail, std::move(kind), "lock_graph", "the deadlock detector's report has the wait-for graph"},
             begin);
    }
  }

  void judge(const load::RoundOutcome& outcome, SteadyClock::time_point begin) {
    Verdict verdict = oracle::judge(scenario_.oracles, outcome.history);
    if (outcome.check.result > verdict.result) verdict = outcome.check;
    if (outcome.stopped && (verdict.result != Result::fail || verdict.kind == "hang")) {
      verdict = hang("a round did not end", outcome.starved);
    }
    // The history does not contain the check of the bounds: judged again, it would pass.
    if (verdict.result == Result::fail && verdict.detector != "oracle.bounds" && failure_.is_null()) {
      failure_ = {{"round", current_round_}, {"history", oracle::to_json(outcome.history)}};
    }
    record(std::move(verdict), begin);
  }

  /// Called by the runner when a round takes too long, before its threads are stopped.
  void overdue() {
    overdue_threads_ = capture_threads();
    // In a slow round, all threads may be asleep for a moment. After a lost wakeup, they remain asleep.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    remain_asleep_ = all_asleep(overdue_threads_) && all_asleep(capture_threads());
  }

  /// Returns whether all threads are asleep without a timeout. Threads of the team that have finished their role sleep
  /// as well, so no thread is left to wake another one. A sanitizer's own thread wakes none of them.
  [[nodiscard]] bool all_asleep(const std::vector<ThreadState>& threads) const {
    return !threads.empty() && std::all_of(threads.begin(), threads.end(), [&](const ThreadState& thread) {
      return thread.asleep_without_limit ||
             std::find(sanitizer_threads_.begin(), sanitizer_threads_.end(), thread.tid) != sanitizer_threads_.end();
    });
  }

  /// Returns the verdict on a round that did not end. `starved` means that the machine gave the threads little time.
  [[nodiscard]] Verdict hang(const std::string& what, bool starved) const {
    const std::string stacks = "\n" + describe(overdue_threads_);
    if (starved) {
      return {Result::unknown, "hang", "watchdog",
              what + ", or the machine gave its threads too little time to end" + stacks};
    }
    if (remain_asleep_) {
      return {Result::fail, "lost_wakeup", "watchdog",
              what + "; all threads sleep, and no thread is left to wake one" + stacks};
    }
    if (plan_.slowed) return {Result::unknown, "hang", "watchdog", what + ", or the sanitizer is too slow" + stacks};
    return {Result::fail, "hang", "watchdog", what + stacks};
  }

  void record(Verdict verdict, SteadyClock::time_point begin) {
    if (verdict.result == Result::fail) {
      if (last_failed_round_ != rounds_) ++failed_;  // a round with two faults counts once
      last_failed_round_ = rounds_;
      if (seen_.empty()) {
        first_failure_s_ = since(begin);
        first_failed_round_ = current_round_;
      }
      const bool known = std::any_of(seen_.begin(), seen_.end(), [&](const Verdict& each) {
        return each.kind == verdict.kind && each.detector == verdict.detector;
      });
      if (!known) {
        seen_.push_back(verdict);
        complete_ = requires_failure() && missed() == nullptr;
      }
    }
    // An actual failure is more specific than a potential deadlock.
    const bool more_specific = verdict.result == worst_.result && worst_.kind == "potential_deadlock";
    if (verdict.result > worst_.result || more_specific) worst_ = std::move(verdict);
  }

  /// Returns whether this trial must show a failure: not in a replay, nor under a sanitizer.
  [[nodiscard]] bool requires_failure() const {
    return !plan_.only_round && !plan_.slowed && oracle::missed_must(scenario_.expectation, watching_, {}) != nullptr;
  }
  /// Returns the factor on the planned time. An expected failure gets more time, because a busy machine shows it late.
  [[nodiscard]] double patience() const { return requires_failure() ? kMostTimes : 1; }
  [[nodiscard]] const Expected* missed() const { return oracle::missed_must(scenario_.expectation, watching_, seen_); }

  [[nodiscard]] Json result(double duration) const {
    Verdict shown = worst_;
    bool as_expected = shown.result == Result::fail || oracle::as_expected(scenario_.expectation, shown);
    for (const Verdict& each : seen_) {
      if (oracle::as_expected(scenario_.expectation, each)) continue;
      as_expected = false;
      shown = each;  // the unexpected verdict is the one to show
    }
    if (const Expected* const missing = missed(); requires_failure() && missing != nullptr) {
      as_expected = false;
      if (seen_.empty()) {
        shown.witness = missing->detector + " should have seen: " + missing->kind + ", but did not in " +
                        std::to_string(rounds_) + " rounds";
      }
    }
    Json metrics = {{"rounds_count", rounds_},
                    {scenario_.unit + "s_count", operations_},
                    {"rounds_per_s", static_cast<double>(rounds_) / duration},
                    {"peak_rss_bytes", load::read_memory().peak}};
    if (!seen_.empty()) {
      metrics["time_to_find_s"] = first_failure_s_;
      metrics["first_failed_round_count"] = first_failed_round_;
    }
    return {{"verdict", oracle::to_json(shown, failed_, rounds_)},
            {"as_expected", as_expected},
            {"metrics", std::move(metrics)},
            {"values", Json::object()},
            {"histograms", Json::object()},
            {"oversubscribed", threads_ > topology_.hardware_threads()},
            {"placement", load::placement_json(runner_.roles(), cpus_)},
            {"failure", failure_}};
  }

  const Scenario& scenario_;
  const StressPlan& plan_;
  load::Topology topology_;
  std::size_t threads_;
  std::vector<int> cpus_;
  LockGraph lock_graph_;
  std::vector<std::string> watching_ = detectors(lock_graph_.present());
  load::RoundRunner runner_;
  WorkerPerturbation worker_perturbation_;
  std::vector<int> sanitizer_threads_;
  std::vector<ThreadState> overdue_threads_;
  bool remain_asleep_ = false;
  std::uint64_t rounds_ = 0, failed_ = 0, operations_ = 0, current_round_ = 0, first_failed_round_ = 0;
  std::uint64_t last_failed_round_ = 0;  ///< counted from 1, in the order of execution
  double first_failure_s_ = 0;
  Verdict worst_;
  std::vector<Verdict> seen_;  ///< one failure of each detector and kind
  bool complete_ = false;      ///< all expected failures have been found
  Json failure_;
  bool stuck_ = false;
};

}  // namespace

std::vector<std::string> detectors(bool lock_graph) {
  std::vector<std::string> names{"oracle.*", "watchdog", "process"};
  if (lock_graph) names.emplace_back("lock_graph");
  return names;
}

void run_stress(const Scenario& scenario, const StressPlan& plan, const std::function<void(const Json&)>& report) {
  StressTrial trial(scenario, plan);
  report(trial.run());
  // Destructors would wait for threads that never end. A sanitizer's check at _exit would report the memory of these
  // threads as leaks.
  if (trial.stuck()) syscall(SYS_exit_group, 0);
}

}  // namespace racetrack::stress
