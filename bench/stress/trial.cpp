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

constexpr std::uint64_t kLeastWork = 8;  ///< units per round

std::chrono::nanoseconds seconds(double s) { return std::chrono::nanoseconds(static_cast<std::int64_t>(s * 1e9)); }

double since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

/// Whether there are more threads than there were. One that was joined a moment ago may still be listed.
bool has_leaked(std::size_t before) {
  constexpr int kLooks = 100;
  for (int look = 0; look < kLooks; ++look) {
    if (list_threads().size() <= before) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// At capacity 1 every item is a hand-over between threads, which takes long on a busy machine: a round has no more of them than at
/// capacity 4.
std::uint64_t most_work_of(const StressPlan& plan) {
  constexpr std::uint64_t kSmall = 4;
  return plan.most_work * std::min(kSmall, plan.params.number("capacity", kSmall)) / kSmall;
}

/// Work of a round, log-uniform between the least and `most`.
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
        runner_(scenario, plan.params, cpus_, threads_ > topology_.hardware_threads(),
                {plan.clock, plan.skew, seconds(plan.patience_s), std::chrono::seconds(1), [this] { overdue(); },
                 [this](bool on) { lock_graph_.supervise(on); }, [this] { return lock_graph_.found_stuck(); }}),
        strangers_(places_to_migrate()) {
    runner_.disturb_strangers_with(strangers_.disturbance());
  }

  Json run() {
    load::reset_peak_memory();
    const std::size_t threads_before = list_threads().size();
    const auto begin = SteadyClock::now();
    for (std::uint64_t round = 0; !stuck_ && !shown_ && since(begin) < plan_.seconds * patience(); ++round) {
      const std::uint64_t which = plan_.only_round.value_or(round);
      run_round(which, begin);
    }
    if (!stuck_ && !scenario_.lasting_threads && has_leaked(threads_before)) {
      see({Result::fail, "leak", "process",
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
    strangers_.begin_round(strength, split_mix(state));
    std::vector<Disturbance> disturbances;
    for (Perturbation& each : perturbations) disturbances.push_back(each.disturbance());
    runner_.disturb_with(disturbances);
    ++rounds_;
    current_round_ = round;
    try {
      // Every second round runs without stamps: reading the clock orders instructions and slows the threads down.
      const load::RoundOutcome outcome = runner_.run(ProbeKind::history, work, split_mix(state), round % 2 == 0);
      operations_ += outcome.work;
      judge(outcome, begin);
    } catch (const load::RoundRunner::Stuck& stuck) {
      stuck_ = true;
      // The perturbations are still in use by the threads that are stuck; they end with the process.
      static_cast<void>(new std::vector<Perturbation>(std::move(perturbations)));
      if (!lock_graph_.found_stuck()) see(hang(stuck.what), begin);
    }
    if (!stuck_) runner_.disturb_with({});  // threads that are stuck may still look
    for (std::string& kind : lock_graph_.new_kinds()) {
      see({Result::fail, std::move(kind), "lock_graph", "the deadlock detector's report says who waits for whom"},
          begin);
    }
  }

  void judge(const load::RoundOutcome& outcome, SteadyClock::time_point begin) {
    Verdict verdict = oracle::judge(scenario_.oracles, outcome.history);
    if (outcome.check.result > verdict.result) verdict = outcome.check;
    if (outcome.stopped && (verdict.result != Result::fail || verdict.kind == "hang")) {
      verdict = hang("a round did not end");
    }
    // The history does not contain the probe of the bounds: it would pass when it is judged again.
    if (verdict.result == Result::fail && verdict.detector != "oracle.bounds" && failure_.is_null()) {
      failure_ = {{"round", current_round_}, {"history", oracle::to_json(outcome.history)}};
    }
    see(std::move(verdict), begin);
  }

  /// Called by the runner when a round takes too long, while its threads are still where they are.
  void overdue() {
    overdue_threads_ = capture_threads();
    // Threads of a slow round may all be asleep for a moment; those of a lost wakeup are for ever.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stay_asleep_ = all_asleep(overdue_threads_) && all_asleep(capture_threads());
  }

  /// Threads of the team that have finished their role sleep as well, so: everybody sleeps, and nobody is left to wake them.
  static bool all_asleep(const std::vector<ThreadState>& threads) {
    return !threads.empty() && std::all_of(threads.begin(), threads.end(),
                                           [](const ThreadState& thread) { return thread.asleep_without_limit; });
  }

  Verdict hang(const std::string& what) const {
    const std::string stacks = "\n" + describe(overdue_threads_);
    if (stay_asleep_) {
      return {Result::fail, "lost_wakeup", "watchdog",
              what + "; every thread sleeps and nobody is left to wake one" + stacks};
    }
    if (plan_.slowed) return {Result::unknown, "hang", "watchdog", what + ", or the sanitizer is that slow" + stacks};
    return {Result::fail, "hang", "watchdog", what + stacks};
  }

  void see(Verdict verdict, SteadyClock::time_point begin) {
    if (verdict.result == Result::fail) {
      if (last_failed_round_ != rounds_) ++failed_;  // a round with two faults is one round
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
        shown_ = asks_for_more() && missed() == nullptr;
      }
    }
    // What could have happened says less than anything that did.
    const bool says_more = verdict.result == worst_.result && worst_.kind == "potential_deadlock";
    if (verdict.result > worst_.result || says_more) worst_ = std::move(verdict);
  }

  /// Whether the scenario has to be seen to fail, here and now: not when a round is run again, nor slowly.
  [[nodiscard]] bool asks_for_more() const {
    return !plan_.only_round && !plan_.slowed && oracle::missed_must(scenario_.expectation, watching_, {}) != nullptr;
  }
  /// Times the wanted time: what must be seen is waited for, since a busy machine shows it late.
  [[nodiscard]] double patience() const { return asks_for_more() ? kMostTimes : 1; }
  [[nodiscard]] const Expected* missed() const { return oracle::missed_must(scenario_.expectation, watching_, seen_); }

  [[nodiscard]] Json result(double duration) const {
    Verdict shown = worst_;
    bool as_expected = shown.result == Result::fail || oracle::as_expected(scenario_.expectation, shown);
    for (const Verdict& each : seen_) {
      if (oracle::as_expected(scenario_.expectation, each)) continue;
      as_expected = false;
      shown = each;  // what nobody expected is what a reader must see
    }
    if (const Expected* const missing = missed(); asks_for_more() && missing != nullptr) {
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
  Strangers strangers_;
  std::vector<ThreadState> overdue_threads_;
  bool stay_asleep_ = false;
  std::uint64_t rounds_ = 0, failed_ = 0, operations_ = 0, current_round_ = 0, first_failed_round_ = 0;
  std::uint64_t last_failed_round_ = 0;  ///< counted from 1, in order of running
  double first_failure_s_ = 0;
  Verdict worst_;
  std::vector<Verdict> seen_;  ///< failures, one of each detector and kind
  bool shown_ = false;         ///< all that must be seen was: the scenario has shown what it is there for
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
  // Destructors would wait for threads that never end, and a sanitizer, which takes its turn in _exit as well, would call what they
  // have left behind a leak.
  if (trial.stuck()) syscall(SYS_exit_group, 0);
}

}  // namespace racetrack::stress
