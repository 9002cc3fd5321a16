// Runs the rounds of one case: creates the subject, runs every role, joins, settles.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/scenario.hpp>

#include "load/team.hpp"

namespace racetrack::load {

/// The result of one round.
struct RoundOutcome {
  double seconds = 0;  ///< from the first start to the last finish
  double overlap = 0;  ///< fraction of that time in which all threads were active
  /// Fraction of that time in which one thread waited for a processor, of the thread that waited longest; empty where
  /// the kernel does not count it. Includes waits at the start barrier.
  std::optional<double> waited;
  std::uint64_t work = 0;                     ///< completed units of work
  double finish_spread_ns = 0;                ///< time between the first and the last finish of the last role's threads
  std::vector<std::uint64_t> work_by_thread;  ///< work of each thread of the last role (consumers, readers)
  std::vector<double> finish_ns;              ///< finish times of the same threads, from the round's start
  std::vector<std::uint64_t> counts;          ///< indexed like Scenario::counters; sums over all threads
  std::vector<Measurement> measurements;
  Usage usage;           ///< sum over all threads
  Verdict check;         ///< verdict of Round::check()
  History history;       ///< history probe only
  bool stopped = false;  ///< the watchdog stopped the round before it was complete
  bool starved = false;  ///< stopped, but the machine had given the threads too little time to call it a hang
};

/// Runs the rounds of one case in one process. Not thread-safe.
class RoundRunner {
 public:
  struct Options {
    Clock clock{};
    Ticks skew = 0;
    /// The stop flag is raised after this time without progress. It counts the time that the machine gave to the
    /// threads (load/given_time.hpp).
    std::chrono::nanoseconds patience = std::chrono::seconds(5);
    /// Given time after the stop flag, after which the threads count as stuck.
    std::chrono::nanoseconds grace = std::chrono::seconds(2);
    std::function<void()> overdue{};  ///< called when `patience` is exhausted, before the stop flag is raised
    /// Called with true before the threads start, and with false when the wait for them ends.
    std::function<void(bool)> watch{};
    std::function<bool()> deadlocked{};  ///< called periodically during the wait; true: the threads will never end
    /// Called during the wait when the threads made progress, or periodically when the probe does not count it; also
    /// called after a round.
    std::function<void()> beat{};
  };

  /// Thrown when threads of the subject do not end even after the stop flag. The process cannot continue: report, then
  /// _exit.
  struct Stuck {
    std::string what;
    bool starved = false;  ///< the machine gave the threads too little time to call them stuck
  };

  /// A watchdog waits at most this many times `patience` of wall-clock time for threads that the machine gives no time.
  static constexpr int kMostPatience = 12;

  /// Returns the disturbance of the calling thread: the one from disturb_with() while it runs a role, the one from
  /// disturb_this_thread_with(), or none.
  static Disturbance disturbance_of_this_thread() noexcept;
  /// Sets the disturbance of the calling thread, which the subject created. `disturbance` must outlive the thread.
  static void disturb_this_thread_with(const Disturbance& disturbance) noexcept;

  /// `cpus` is a result of Topology::place(). The runner keeps a reference to `scenario`.
  RoundRunner(const Scenario& scenario, Parameters params, const std::vector<int>& cpus, bool oversubscribed,
              Options options);

  /// Runs a round of `work` units. Throws Stuck, and any exception of the subject's constructor.
  RoundOutcome run(ProbeKind probe, std::uint64_t work, std::uint64_t seed, bool stamped = true);

  /// Sets Options::patience for the following rounds.
  void wait_for_progress(std::chrono::nanoseconds patience) noexcept { options_.patience = patience; }

  /// Sets the parameters of the following rounds. The scenario must have the same roles with them.
  void use(Parameters params) { params_ = std::move(params); }

  /// Sets the disturbance of each thread for the following rounds; an empty list ends all disturbance.
  void disturb_with(const std::vector<Disturbance>& disturbances);

  /// Sets the disturbance for threads that the subject creates; see RoundPlan.
  void disturb_workers_with(Disturbance disturbance) noexcept { worker_disturbance_ = disturbance; }

  /// Returns the histograms, in ticks and indexed like Scenario::latencies, of all rounds since the last
  /// clear_latencies().
  [[nodiscard]] std::vector<Histogram> latencies() const;
  void clear_latencies();

  [[nodiscard]] const std::vector<Role>& roles() const noexcept { return roles_; }
  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }

  /// Returns the roles of the scenario with these parameters. It creates a round for that.
  static std::vector<Role> roles_of(const Scenario& scenario, const Parameters& params, const Clock& clock);

 private:
  void prepare_logs(ProbeKind probe, std::uint64_t work);
  enum class Awaited : std::uint8_t { finished, deadlocked, no_progress, starved };
  /// Waits until the team has finished or `patience` is exhausted.
  Awaited await_team(std::chrono::nanoseconds patience, bool check_deadlock);
  /// Returns the number of successful operations in this round so far, if the probe counts them.
  [[nodiscard]] std::uint64_t progress() const noexcept;
  /// Runs Round::probe() on a thread of the team. Throws Stuck when it does not return.
  void probe(std::unique_ptr<Round>& round);
  /// Returns ": producer 0 is in try_push" with all threads that are in an operation; empty: none is known.
  [[nodiscard]] std::string describe_blocked_operations() const;
  RoundOutcome collect(Round& round, const RoundPlan& plan, RoundOutcome outcome);
  void measure_time(RoundOutcome& outcome) const;

  const Scenario& scenario_;
  Parameters params_;
  Options options_;
  StopFlag stop_;
  bool counts_progress_ = false;  ///< of the round's probe
  Disturbance worker_disturbance_;
  std::vector<Role> roles_;
  std::uint64_t capacity_ = 0;
  std::vector<ThreadLog> logs_;  ///< one per thread, and one for settle() and probe()
  std::unique_ptr<Team> team_;
};

}  // namespace racetrack::load
