// Runs rounds of one case: fresh subject, every role, join, settle.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/scenario.hpp>

#include "load/team.hpp"

namespace racetrack::load {

/// What came of one round.
struct RoundOutcome {
  double seconds = 0;                         ///< from the first start to the last finish
  double overlap = 0;                         ///< share of that time in which all threads were active
  std::uint64_t work = 0;                     ///< units that arrived
  double finish_spread_ns = 0;                ///< between the first and the last finish of threads that took work
  std::vector<std::uint64_t> work_by_thread;  ///< of threads of the last role (consumers, readers)
  std::vector<double> finish_ns;              ///< of the same threads, from the round's start
  std::vector<std::uint64_t> counts;          ///< by index in Scenario::counters, all threads
  std::vector<Measurement> measurements;
  Usage usage;           ///< all threads
  Verdict check;         ///< the round's own cheap check
  History history;       ///< history probe only
  bool stopped = false;  ///< the watchdog raised the stop flag
};

/// One case in one process. Not thread-safe.
class RoundRunner {
 public:
  struct Options {
    Clock clock{};
    Ticks skew = 0;
    std::chrono::nanoseconds patience = std::chrono::seconds(5);  ///< then the stop flag is raised
    std::chrono::nanoseconds grace = std::chrono::seconds(2);     ///< then the threads count as stuck
    std::function<void()> overdue{};  ///< called when patience has run out, before the stop flag is raised
    std::function<void(bool)>
        watch{};  ///< called with true just before the threads start, with false when they are awaited no more
    std::function<bool()> doomed{};  ///< asked now and then in between; true: they will never end
  };

  /// Threads of a subject that do not end even after the stop flag. The process cannot go on: report and _exit.
  struct Stuck {
    std::string what;
  };

  /// How the calling thread is to be disturbed: as disturb_with said while it runs a role, as disturb_this_thread_with said, else not at
  /// all.
  static Disturbance disturbance_of_this_thread() noexcept;
  /// The calling thread, which the subject made, is disturbed like this from now on. `disturbance` outlives the thread.
  static void disturb_this_thread_with(const Disturbance& disturbance) noexcept;

  /// `cpus` as Topology::place gives them. Keeps references to scenario.
  RoundRunner(const Scenario& scenario, Parameters params, const std::vector<int>& cpus, bool oversubscribed,
              Options options);

  /// Runs a round of `work` units. Throws Stuck, or what the subject's constructor throws.
  RoundOutcome run(ProbeKind probe, std::uint64_t work, std::uint64_t seed, bool stamped = true);

  /// The following rounds have these parameters, with which the scenario has the same roles.
  void use(Parameters params) { params_ = std::move(params); }

  /// Thread i of the following rounds is disturbed by the i-th; an empty list ends that.
  void disturb_with(const std::vector<Disturbance>& disturbances);

  /// Given to the rounds for threads that the subject makes; see RoundPlan.
  void disturb_strangers_with(Disturbance disturbance) noexcept { strangers_ = disturbance; }

  /// Histograms by index in Scenario::latencies, of all rounds since the last clear; ticks.
  [[nodiscard]] std::vector<Histogram> latencies() const;
  void clear_latencies();

  [[nodiscard]] const std::vector<Role>& roles() const noexcept { return roles_; }
  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }

  /// Threads that the scenario needs with these parameters, by making a round and asking it.
  static std::vector<Role> roles_of(const Scenario& scenario, const Parameters& params, const Clock& clock);

 private:
  void prepare_logs(ProbeKind probe, std::uint64_t work);
  /// True when all threads have finished in time.
  bool await_team();
  /// Has a thread of the team probe the round. Throws Stuck when it does not return.
  void probe(std::unique_ptr<Round>& round);
  /// ": producer 0 is in try_push" of all threads that are in an operation; empty: none is known.
  [[nodiscard]] std::string operations_that_do_not_return() const;
  RoundOutcome collect(Round& round, const RoundPlan& plan, RoundOutcome outcome);
  void measure_time(RoundOutcome& outcome) const;

  const Scenario& scenario_;
  Parameters params_;
  Options options_;
  StopFlag stop_;
  Disturbance strangers_;
  std::vector<Role> roles_;
  std::uint64_t capacity_ = 0;
  std::vector<ThreadLog> logs_;  ///< one per thread, and one more for what settle finds
  std::unique_ptr<Team> team_;
};

}  // namespace racetrack::load
