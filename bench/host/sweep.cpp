#include "host/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "host/benchmark_json.hpp"
#include "host/disturbance.hpp"
#include "host/job.hpp"
#include "host/record_line.hpp"
#include "host/safe_text.hpp"
#include "host/schedule.hpp"
#include "host/summary.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

/// Returns the turns fork by fork, each fork in its own random order. Cases are thus interleaved, and an interrupted
/// sweep has nearly the same number of forks of each case.
std::vector<Campaign::Planned> shuffled(std::vector<Campaign::Planned> turns, std::size_t cases, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (auto fork = turns.begin(); fork != turns.end(); fork += static_cast<std::ptrdiff_t>(cases)) {
    std::shuffle(fork, fork + static_cast<std::ptrdiff_t>(cases), random);
  }
  return turns;
}

/// Part of the planned turns in which a disturbed fork may run again.
constexpr double kMostRepeated = 0.25;

class Sweep {
 public:
  explicit Sweep(const SweepOptions& options)
      : options_(options), campaign_(options, {"bench", "bench"}), benchmarks_(options.forks) {
    campaign_.observe([this](const Json& record) { summary_.add(record); });
  }

  void list_names() const {
    for (const Case& each : campaign_.cases()) print_safely(stdout, "{}\n", each.name);
  }

  Exit run() {
    const Interruptions interruptions;
    check_benchmark_out();
    campaign_.begin(options_.forks, options_.min_time_s);
    const bool interrupted = !(options_.schedule ? run_schedule() : run_turns());
    campaign_.end(interrupted);
    write_benchmark_json();
    if (!options_.schedule) print_result();
    if (!options_.quiet && disturbed_ + repeated_ != 0) {
      print_safely(stderr, "racetrack: other work on the machine disturbed forks: {} ran again, {} remain disturbed\n",
                   repeated_, disturbed_);
    }
    return campaign_.conclude(interrupted);
  }

 private:
  /// Checks before measuring that the file can be written. Opens it for appending, so that its content is kept until
  /// the new content is ready.
  void check_benchmark_out() const {
    if (options_.benchmark_out.empty()) return;
    if (!std::ofstream(options_.benchmark_out, std::ios::app)) {
      throw usage_error("--benchmark_out " + options_.benchmark_out + ": cannot be written: choose another file");
    }
  }

  /// Returns false when interrupted.
  bool run_turns() {
    const auto planned = static_cast<double>(options_.forks) * static_cast<double>(campaign_.cases().size());
    repetitions_left_ = static_cast<std::size_t>(std::ceil(kMostRepeated * planned));
    return campaign_.take_turns(shuffled(campaign_.turns(options_.forks), campaign_.cases().size(), campaign_.seed()),
                                [this](const Turn& turn, Progress& progress) { return run_turn(turn, progress); });
  }

  /// Runs turns as they arrive on standard input, and prints each record to standard output at once. Returns false when
  /// interrupted.
  bool run_schedule() {
    Schedule schedule(STDIN_FILENO);
    Progress silent(0, true);
    std::size_t done = 0;
    while (const auto assignment = schedule.next()) {
      const auto& cases = campaign_.cases();
      const auto which =
          std::find_if(cases.begin(), cases.end(), [&](const Case& each) { return each.name == assignment->name; });
      if (which == cases.end()) {
        throw usage_error("--schedule: no case " + assignment->name + " among the chosen ones");
      }
      campaign_.plan_turns(done + 1);
      if (!run_turn({&*which, assignment->fork, done, assignment->seed, utc_now()}, silent)) return false;
      ++done;
    }
    return !Interruptions::requested();
  }

  /// The result of one child process.
  struct Attempt {
    ChildOutcome outcome;
    Json answer;
    bool disturbed = false;

    [[nodiscard]] std::string result() const {
      return answer.is_object() ? answer["verdict"]["result"].get<std::string>() : "";
    }
    [[nodiscard]] bool passed() const { return result() == "pass"; }
    [[nodiscard]] bool failed() const {
      return result() == "fail" || (!answer.is_object() && verdict_of(outcome).result == Result::fail);
    }
  };

  [[nodiscard]] Attempt run_fork(const Turn& turn, const std::string& job) const {
    const Disturbance disturbance;
    Attempt attempt{campaign_.run(turn, job), {}, false};
    attempt.answer = answer_of(attempt.outcome);
    attempt.disturbed = disturbance.judge(attempt.answer);
    return attempt;
  }

  bool run_turn(const Turn& turn, Progress& progress) {
    measure::TrialPlan plan;
    plan.params = turn.which->params;
    plan.pinning = load::pinning_of(plan.params.text("pin"));
    plan.seed = turn.seed;
    plan.min_time_s = options_.min_time_s;
    plan.clock = campaign_.clock();
    plan.skew = campaign_.skew();
    const std::string job = job_text(*turn.which, plan);
    Attempt attempt = run_fork(turn, job);
    // A failure is never run again: a later pass would hide it.
    if (attempt.disturbed && attempt.passed() && repetitions_left_ > 0) {
      --repetitions_left_;
      ++repeated_;
      Attempt second = run_fork(turn, job);
      // The first result stays if the second run has none, for example after Ctrl-C.
      if (second.failed() || (second.passed() && !second.disturbed)) attempt = std::move(second);
    }
    disturbed_ += attempt.disturbed ? 1 : 0;
    const auto& [outcome, answer, disturbed] = attempt;
    const auto record =
        campaign_.keep(turn, outcome, answer,
                       campaign_.rerun_command(turn, {"--forks", "1", "--time", fmt::format("{}", options_.min_time_s),
                                                      "--limit", fmt::format("{}", options_.limit_s)}),
                       disturbed);
    if (!record) return false;
    if (answer.is_object()) benchmarks_.add(turn.which->name, turn.fork, answer.at("benchmark"));
    if (options_.schedule) std::cout << line_of(*record) << std::endl;
    progress.report_unexpected(*record);
    return true;
  }

  void write_benchmark_json() {
    // A resumed run keeps the results of earlier invocations.
    const std::filesystem::path file = campaign_.folder().path() / "benchmark.json";
    if (const std::string problem = benchmarks_.add_earlier(file); !problem.empty()) {
      print_safely(stderr, "racetrack: {}: {}: it is replaced by one with only the results of this call\n",
                   file.string(), problem);
    }
    campaign_.folder().write_file("benchmark.json", [this](const auto& piece) { benchmarks_.write(piece); });
    if (!options_.benchmark_out.empty()) {
      std::ofstream out(options_.benchmark_out);
      benchmarks_.write([&out](const std::string& piece) { out << piece; });
      if (!out.flush()) {
        throw Failure(Exit::incomplete, "--benchmark_out " + options_.benchmark_out +
                                            ": cannot be written: the results are also in " + file.string());
      }
    }
  }

  void print_result() const {
    if (options_.format == "json") {
      benchmarks_.write([](const std::string& piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
    } else {
      print_safely(stdout, "{}\n", summary_.table());
    }
    std::fflush(stdout);  // before the closing line on standard error
  }

  const SweepOptions& options_;
  Campaign campaign_;
  BenchmarkJson benchmarks_;
  Summary summary_;
  std::size_t repetitions_left_ = 0, repeated_ = 0;
  std::size_t disturbed_ = 0;  ///< turns whose record is of a disturbed fork
};

}  // namespace

Exit run_bench(const SweepOptions& options) {
  Sweep sweep(options);
  if (options.list_only) {
    sweep.list_names();
    return Exit::as_expected;
  }
  return sweep.run();
}

}  // namespace racetrack::host
