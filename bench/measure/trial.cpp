#include "measure/trial.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "load/memory.hpp"
#include "load/placement.hpp"
#include "load/round_runner.hpp"
#include "measure/google_benchmark.hpp"
#include "measure/metrics.hpp"
#include "oracle/expectation.hpp"
#include "oracle/judge.hpp"
#include "oracle/verdict_json.hpp"

namespace racetrack::measure {
namespace {

constexpr std::uint64_t kJudgedWork = 2000;  ///< work of a recorded round: enough to wrap around in a queue of 1024
constexpr double kJudgedTime = 10.0;         ///< longest recorded round, in seconds, of a slow subject
constexpr std::uint64_t kBriefWork = 32;     ///< work of a recorded round with parameters that are not timed
constexpr int kLatencyRounds = 2;

std::chrono::nanoseconds seconds(double s) { return std::chrono::nanoseconds(static_cast<std::int64_t>(s * 1e9)); }

/// The worst verdict so far, the number of failed rounds and of all rounds.
struct Judgement {
  Verdict worst;
  std::uint64_t failed = 0;
  std::uint64_t rounds = 0;
  bool provisional = false;  ///< the next verdict replaces `worst` also when it is equally bad

  void add(Verdict verdict) {
    ++rounds;
    if (verdict.result == Result::fail) ++failed;
    if (verdict.result > worst.result || (provisional && verdict.result == worst.result)) worst = std::move(verdict);
    provisional = false;
  }
};

class Trial {
 public:
  Trial(const Scenario& scenario, const TrialPlan& plan)
      : scenario_(scenario),
        plan_(plan),
        topology_(load::Topology::detect()),
        threads_(count_threads()),
        cpus_(topology_.place(threads_, plan.pinning)),
        oversubscribed_(threads_ > topology_.hardware_threads()),
        runner_(scenario, plan.params, cpus_, oversubscribed_,
                {.clock = plan.clock, .skew = plan.skew, .patience = seconds(plan.patience_s), .beat = plan.beat}),
        metrics_(scenario) {}

  nlohmann::json run() {
    try {
      judge();
      if (may_be_timed()) time();
    } catch (const load::RoundRunner::Stuck& stuck) {
      const char* const doubt = stuck.starved ? ", or the machine gave its threads too little time to end" : "";
      judgement_.add(
          {stuck.starved ? Result::unknown : Result::fail, "hang", "watchdog", judged_with_ + stuck.what + doubt});
      stuck_ = true;
    }
    return result();
  }

  [[nodiscard]] bool stuck() const noexcept { return stuck_; }

 private:
  std::size_t count_threads() const {
    std::size_t threads = 0;
    for (const Role& role : load::RoundRunner::roles_of(scenario_, plan_.params, plan_.clock)) threads += role.threads;
    return threads;
  }

  /// Returns whether timing may continue: no round has failed, or the scenario's author expects the failure.
  [[nodiscard]] bool may_be_timed() const {
    return judgement_.worst.result != Result::fail || oracle::as_expected(scenario_.expectation, judgement_.worst);
  }

  /// Runs the recorded rounds: a short one that shows how fast the subject is, one with stamps, one without, and one
  /// for each additional value that is judged but not timed. The first unexpected failure ends them.
  void judge() {
    const std::uint64_t least = std::min({scenario_.least_work, kJudgedWork, scenario_.most_work});
    judgement_.add(judge_round(least, true));
    judgement_.provisional = true;  // the longer rounds name a fault better
    bool failed = false;
    for (const bool stamped : {true, false}) {
      // A round that loses an item lasts until the watchdog's patience is exhausted: one is enough.
      if (failed) break;
      const std::uint64_t work = std::clamp(work_of_judged_rounds(), least, std::max(least, scenario_.most_work));
      Verdict verdict = judge_round(work, stamped);
      failed = verdict.result == Result::fail && !oracle::as_expected(scenario_.expectation, verdict);
      judgement_.add(std::move(verdict));
    }
    for (const Axis& axis : scenario_.axes) {
      for (const std::string& value : axis.judge) {
        Parameters params = plan_.params;
        params.set(axis.name, value);
        if (params == plan_.params || scenario_.refuse(params) || !may_be_timed()) continue;
        judge_with(std::move(params), "with " + axis.name + ":" + value + ": ");
      }
    }
    judged_with_.clear();
    runner_.use(plan_.params);
  }

  /// Returns kJudgedWork, or less for a subject that needs more than kJudgedTime for it.
  [[nodiscard]] std::uint64_t work_of_judged_rounds() const {
    const double affordable = kJudgedTime / std::max(unit_s_.value_or(0), 1e-9);
    return static_cast<std::uint64_t>(std::clamp(affordable, 1.0, static_cast<double>(kJudgedWork)));
  }

  void judge_with(Parameters params, std::string where) {
    judged_with_ = std::move(where);
    runner_.use(std::move(params));
    Verdict verdict = judge_round(std::min({kBriefWork, work_of_judged_rounds(), scenario_.most_work}), true);
    if (!verdict.witness.empty()) verdict.witness.insert(0, judged_with_);
    judgement_.add(std::move(verdict));
  }

  Verdict judge_round(std::uint64_t work, bool stamped) {
    const load::RoundOutcome outcome = runner_.run(ProbeKind::history, work, plan_.seed, stamped);
    // Rounds with other parameters do not show the speed with those of the case.
    if (outcome.work != 0 && !outcome.stopped && judged_with_.empty()) {
      unit_s_ = std::min(unit_s_.value_or(kJudgedTime), outcome.seconds / static_cast<double>(outcome.work));
    }
    Verdict verdict = oracle::judge(scenario_.oracles, outcome.history);
    return outcome.check.result > verdict.result ? outcome.check : verdict;
  }

  /// Returns the work of a round that takes round_time_s, found by repeated increase. These rounds warm up the machine
  /// and are not counted.
  std::uint64_t calibrate() {
    std::uint64_t work = scenario_.least_work;
    for (int step = 0; step < 40; ++step) {
      const double seconds = timed_round(work).seconds;
      if (seconds >= plan_.round_time_s || work >= scenario_.most_work) break;
      const double factor = std::clamp(1.25 * plan_.round_time_s / std::max(seconds, 1e-7), 1.5, 16.0);
      work = std::min(scenario_.most_work, static_cast<std::uint64_t>(static_cast<double>(work) * factor) + 1);
    }
    return work;
  }

  /// Timed rounds do not count their progress. The patience therefore allows for the speed of the judged rounds.
  void wait_for(std::uint64_t work) {
    constexpr double kMargin = 4;
    runner_.wait_for_progress(
        seconds(std::max(plan_.patience_s, kMargin * unit_s_.value_or(0) * static_cast<double>(work))));
  }

  load::RoundOutcome timed_round(std::uint64_t work) {
    wait_for(work);
    load::RoundOutcome outcome = runner_.run(ProbeKind::throughput, work, plan_.seed + judgement_.rounds);
    judgement_.add(outcome.check);
    return outcome;
  }

  void time() {
    const std::uint64_t work = calibrate();
    if (!may_be_timed()) return;
    load::reset_peak_memory();
    const load::Memory before = load::read_memory();
    const auto start_over = [this] {
      metrics_ = Metrics(scenario_);
      runner_.clear_latencies();
    };
    const auto timed = [this, work] {
      const load::RoundOutcome outcome = timed_round(work);
      metrics_.add(outcome);
      return TimedRound{outcome.seconds, outcome.work, may_be_timed()};
    };
    benchmark_ = time_with_google_benchmark(scenario_.case_name(plan_.params), plan_.min_time_s, start_over, timed);
    const load::Memory after = load::read_memory();
    if (!may_be_timed()) return;
    per_unit_of_work();

    numbers_ = metrics_.numbers();
    numbers_["peak_rss_bytes"] = after.peak;
    numbers_["baseline_rss_bytes"] = before.resident;
    if (scenario_.latency_rounds) {
      runner_.clear_latencies();
      wait_for(work);
      for (int round = 0; round < kLatencyRounds; ++round) {
        judgement_.add(runner_.run(ProbeKind::latency, work, plan_.seed).check);
      }
    }
    const double floor_ns = scenario_.latencies_cross_cores ? plan_.clock.ns(plan_.skew) : 0.0;
    const std::vector<Histogram> latencies = runner_.latencies();
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      add_latency(scenario_.latencies[i], latencies[i], plan_.clock, floor_ns, numbers_, histograms_);
    }
  }

  /// Converts Google Benchmark's times to times per unit of work. The work of a round differs between forks, so that
  /// times of rounds are not comparable.
  void per_unit_of_work() {
    const auto work = static_cast<double>(metrics_.work());
    for (nlohmann::json& entry : benchmark_["benchmarks"]) {
      entry["iterations"] = metrics_.work();
      entry["real_time"] = metrics_.seconds() * 1e9 / work;
      entry["cpu_time"] = metrics_.cpu_ns() / work;
    }
  }

  [[nodiscard]] nlohmann::json result() const {
    const bool numbers_count = may_be_timed() && !stuck_;
    const nlohmann::json nothing = nlohmann::json::object();
    return {{"verdict", oracle::to_json(judgement_.worst, judgement_.failed, judgement_.rounds)},
            {"as_expected", oracle::as_expected(scenario_.expectation, judgement_.worst)},
            {"metrics", numbers_count ? numbers_ : nothing},
            {"values", numbers_count ? metrics_.values() : nothing},
            {"histograms", numbers_count ? histograms_ : nothing},
            {"oversubscribed", oversubscribed_},
            {"placement", load::placement_json(runner_.roles(), cpus_)},
            {"benchmark", numbers_count ? benchmark_ : nlohmann::json(nullptr)}};
  }

  const Scenario& scenario_;
  const TrialPlan& plan_;
  load::Topology topology_;
  std::size_t threads_;
  std::vector<int> cpus_;
  bool oversubscribed_;
  load::RoundRunner runner_;
  std::optional<double> unit_s_;  ///< shortest time per unit of work in the judged rounds
  Metrics metrics_;
  Judgement judgement_;
  std::string judged_with_;  ///< "with capacity:1: " while a round has other parameters than the case
  bool stuck_ = false;
  nlohmann::json numbers_ = nlohmann::json::object();
  nlohmann::json histograms_ = nlohmann::json::object();
  nlohmann::json benchmark_;
};

}  // namespace

void run_trial(const Scenario& scenario, const TrialPlan& plan,
               const std::function<void(const nlohmann::json&)>& report) {
  Trial trial(scenario, plan);
  report(trial.run());
  if (trial.stuck()) _exit(0);  // destructors would wait for threads that never end
}

}  // namespace racetrack::measure
