#include "host/sweep.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "host/benchmark_json.hpp"
#include "host/job.hpp"
#include "host/record_line.hpp"
#include "host/schedule.hpp"
#include "host/summary.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

/// Fork by fork, each in a random order of its own: cases are interleaved, and a sweep that is cut short has nearly the
/// same number of forks of each.
std::vector<Turn> shuffled(std::vector<Turn> turns, std::size_t cases, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (auto fork = turns.begin(); fork != turns.end(); fork += static_cast<std::ptrdiff_t>(cases)) {
    std::shuffle(fork, fork + static_cast<std::ptrdiff_t>(cases), random);
  }
  return turns;
}

class Sweep {
 public:
  explicit Sweep(const SweepOptions& options) : options_(options), campaign_(options, {"bench", "bench"}) {}

  void list_names() const {
    for (const Case& each : campaign_.cases()) fmt::print("{}\n", each.name);
  }

  Exit run() {
    const Interruptions interruptions;
    check_benchmark_out();
    campaign_.begin(options_.forks, options_.min_time_s);
    const bool interrupted = !(options_.schedule ? run_schedule() : run_turns());
    campaign_.end(interrupted);
    write_benchmark_json();
    if (!options_.schedule) print_result();
    return campaign_.conclude(interrupted);
  }

 private:
  /// Before anything is measured. Appends nothing: what stands there is kept until there is something to put in its place.
  void check_benchmark_out() const {
    if (options_.benchmark_out.empty()) return;
    if (!std::ofstream(options_.benchmark_out, std::ios::app)) {
      throw usage_error("--benchmark_out " + options_.benchmark_out + ": cannot be written: choose another file");
    }
  }

  /// False when interrupted.
  bool run_turns() {
    return campaign_.take_turns(shuffled(campaign_.turns(options_.forks), campaign_.cases().size(), campaign_.seed()),
                                [this](const Turn& turn, Progress& progress) { return run_turn(turn, progress); });
  }

  /// Turns as they come from standard input; each record goes to standard output at once. False when interrupted.
  bool run_schedule() {
    Schedule schedule(STDIN_FILENO);
    Progress silent(0, true);
    std::size_t done = 0;
    while (const auto assignment = schedule.next()) {
      const auto& cases = campaign_.cases();
      const auto which =
          std::find_if(cases.begin(), cases.end(), [&](const Case& each) { return each.name == assignment->name; });
      if (which == cases.end()) {
        throw usage_error("--schedule: there is no case " + assignment->name + " among those chosen");
      }
      campaign_.plan_turns(done + 1);
      if (!run_turn({&*which, assignment->fork, done, assignment->seed, utc_now()}, silent)) return false;
      std::cout << line_of(campaign_.records().back()) << std::endl;
      ++done;
    }
    return !Interruptions::requested();
  }

  bool run_turn(const Turn& turn, Progress& progress) {
    measure::TrialPlan plan;
    plan.params = turn.which->params;
    plan.pinning = load::pinning_of(plan.params.text("pin"));
    plan.seed = turn.seed;
    plan.min_time_s = options_.min_time_s;
    plan.clock = campaign_.clock();
    plan.skew = campaign_.skew();
    const ChildOutcome outcome = campaign_.run(turn, job_text(*turn.which, plan));
    Json answer = answer_of(outcome);
    const auto record = campaign_.keep(turn, outcome, answer, replay_of(turn));
    if (!record) return false;
    if (answer.is_object()) documents_.push_back({turn.which->name, turn.fork, std::move(answer["benchmark"])});
    progress.tell_unexpected(*record);
    return true;
  }

  /// The shell command that runs this turn alone.
  [[nodiscard]] std::string replay_of(const Turn& turn) const {
    std::string command = fmt::format("racetrack bench '^{}$'", turn.which->name);
    for (const auto& plugin : options_.plugins) command += fmt::format(" --plugin '{}'", plugin.string());
    if (options_.with_builtin) command += " --with-builtin";
    for (const auto& [name, value] : turn.which->params.pairs()) {
      command += name == "pin" ? fmt::format(" --pin {}", value) : fmt::format(" --param {}={}", name, value);
    }
    return command + fmt::format(" --forks 1 --time {} --seed {}", options_.min_time_s, turn.seed);
  }

  void write_benchmark_json() const {
    // A resumed run keeps what earlier invocations measured.
    std::vector<ForkDocument> documents = documents_;
    std::ifstream earlier(campaign_.folder().path() / "benchmark.json");
    const Json before = Json::parse(earlier, nullptr, false);
    if (before.is_object() && before.contains("benchmarks")) {
      std::set<std::pair<std::string, unsigned>> known;
      for (const ForkDocument& each : documents) known.insert({each.name, each.fork});
      for (const Json& entry : before["benchmarks"]) {
        const std::string name = entry.value("name", "");
        const unsigned fork = entry.value("repetition_index", 0U);
        if (known.contains({name, fork})) continue;
        documents.push_back({name, fork, {{"context", before["context"]}, {"benchmarks", Json::array({entry})}}});
      }
    }
    const std::string text = merge_benchmarks(std::move(documents), options_.forks).dump(2) + "\n";
    campaign_.folder().write_file("benchmark.json", text);
    if (!options_.benchmark_out.empty()) {
      std::ofstream out(options_.benchmark_out);
      if (!(out << text << std::flush)) {
        throw Failure(Exit::incomplete, "--benchmark_out " + options_.benchmark_out + ": cannot be written");
      }
    }
  }

  void print_result() const {
    if (options_.format == "json") {
      std::ifstream document(campaign_.folder().path() / "benchmark.json");
      std::cout << document.rdbuf() << std::flush;
    } else {
      fmt::print("{}\n", summary_table(campaign_.records()));
      std::fflush(stdout);  // before the closing line on standard error
    }
  }

  const SweepOptions& options_;
  Campaign campaign_;
  std::vector<ForkDocument> documents_;
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
