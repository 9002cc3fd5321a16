// Scenario, round and registry: the interface between plugin and host.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <racetrack/clock.hpp>
#include <racetrack/explore_hooks.hpp>
#include <racetrack/histogram.hpp>
#include <racetrack/history.hpp>
#include <racetrack/parameters.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack {

/// The kind of probe that role bodies report their operations to. It decides what a round records.
enum class ProbeKind : std::uint8_t { throughput, latency, history };

/// Set by the watchdog to end a round whose threads make no progress. Thread-safe. The accesses are relaxed: the flag
/// carries no data, and a stronger order would order the threads under observation.
class StopFlag {
 public:
  /// Asks all threads of the round to return.
  void raise() noexcept { raised_.store(true, std::memory_order_relaxed); }
  /// Clears the flag before the next round.
  void lower() noexcept { raised_.store(false, std::memory_order_relaxed); }
  /// Returns whether the round is stopped. Loops that may wait without end must check it.
  [[nodiscard]] bool raised() const noexcept {
    const Unwatched unwatched;
    return raised_.load(std::memory_order_relaxed);
  }

 private:
  alignas(kApart) std::atomic<bool> raised_{false};
};

/// A disturbance that the stress engine applies to a thread at the boundaries of its operations: nothing, a pause, a
/// sleep or a migration. It consists of an engine function and that function's state; each thread has its own.
struct Disturbance {
  void (*act)(void* state) noexcept = nullptr;
  void* state = nullptr;
  /// Disturbs the calling thread. Without a function it does nothing.
  void operator()() const noexcept {
    if (act != nullptr) act(state);
  }
};

/// The parameters with which an engine creates a round.
struct RoundPlan {
  Parameters params;
  ProbeKind probe = ProbeKind::throughput;
  bool stamped = true;     ///< history probe: whether operations get time stamps
  std::uint64_t work = 0;  ///< units of work (items, operations, tasks) in the round
  /// Seed for the round's random choices.
  std::uint64_t seed = 0;
  Clock clock{};
  const StopFlag* stop = nullptr;  ///< set while the round runs; never null then
  /// History probe: the disturbance for threads that the subject creates itself. They all share it.
  Disturbance worker_disturbance{};
};

/// The results of one thread in a round. Only that thread writes it while the round runs; other threads read it after
/// the join, except the members that are readable during the round. Role bodies count in local variables and store them
/// here once, at their end.
struct alignas(kApart) ThreadLog {
  std::uint64_t work_done = 0;         ///< units of work that this thread completed
  std::vector<std::uint64_t> counts;   ///< indexed like Scenario::counters
  std::vector<Histogram> latencies;    ///< indexed like Scenario::latencies; in ticks
  std::vector<Operation> operations;   ///< history probe; the engine reserves its capacity
  Disturbance disturbance;             ///< history probe: called before and after every operation
  std::uint64_t failures_dropped = 0;  ///< failed tries that were not recorded, to keep room in `operations`
  Ticks started = 0, finished = 0;     ///< stamps of the team before and after the role body
  /// History probe: the subject's operation in progress, or null. Readable during the round; see enter().
  const char* current_operation = nullptr;
  /// History probe: number of successful operations. Readable during the round; see advance().
  std::uint64_t progress = 0;

  /// Counts a successful operation. Relaxed: only the watchdog reads the count, and a slightly stale count is harmless.
  void advance() noexcept {
    const std::atomic_ref<std::uint64_t> count(progress);
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  /// Records that `operation`, a string literal, begins. Relaxed: only the watchdog reads it, to report a thread that
  /// does not return.
  void enter(const char* operation) noexcept {
    std::atomic_ref<const char*>(current_operation).store(operation, std::memory_order_relaxed);
  }
  /// Records that the operation in progress has returned. Relaxed, as enter().
  void leave() noexcept { enter(nullptr); }
};

/// A value that a round computes itself. The name ends in its unit (fill_ns_per_item).
using Measurement = std::pair<std::string, double>;

/// A role of a round: its name and the number of its threads.
struct Role {
  std::string name;
  std::size_t threads = 1;
};

/// One execution of a workload: a fresh subject with the data that its threads need. The driving thread creates,
/// settles and destroys it; run() is called once per thread, concurrently. Constructors throw std::invalid_argument for
/// parameters that the subject does not support.
class Round {
 public:
  Round() = default;
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;
  virtual ~Round() = default;

  /// Returns the roles in the order of thread numbers: first all threads of the first role.
  [[nodiscard]] virtual std::vector<Role> roles() const = 0;
  /// Runs the body of thread `thread`. Called concurrently, once for each thread.
  virtual void run(std::size_t thread, ThreadLog& log) = 0;
  /// Removes the remaining items from the subject and records that as operations of `log`. Called after all threads
  /// have joined.
  virtual void settle(ThreadLog& log) { static_cast<void>(log); }
  /// Checks the subject with operations of one thread while no other thread uses it. A failure becomes part of check().
  /// Called after settle(), in recorded rounds that the watchdog did not stop; any thread may call it, and the watchdog
  /// watches that thread.
  virtual void probe(ThreadLog& log) { static_cast<void>(log); }
  /// Returns values that only this workload can compute. Called after settle().
  [[nodiscard]] virtual std::vector<Measurement> measurements() const { return {}; }
  /// Returns the verdict of a check that is cheap enough for every timed round (sums, counts). Called after settle().
  [[nodiscard]] virtual Verdict check() const { return {}; }
  /// Returns the actual capacity of each of the round's subjects (all have the same); 0: unbounded.
  [[nodiscard]] virtual std::uint64_t capacity() const { return 0; }
};

/// The value of a declared property of a subject, as records and tables show it.
using TraitValue = std::variant<bool, std::int64_t, std::string>;
using TraitList = std::vector<std::pair<std::string, TraitValue>>;

/// Whether a scenario is measured and ranked (subject), or is a known-bad twin that proves that a detector can fail
/// (control).
enum class Standing : std::uint8_t { subject, control };

/// A scenario: a family, a workload and a subject, with parameter space and expectation.
struct Scenario {
  std::string family, workload, subject;
  Standing standing = Standing::subject;
  std::vector<Axis> axes;
  TraitList traits;
  /// Traits that depend on the parameters (actual capacity).
  std::function<TraitList(const Parameters&)> case_traits = [](const Parameters&) { return TraitList{}; };
  Expectation expectation;
  std::vector<std::string> oracles;    ///< names of the harness's oracles that apply: conservation, fifo, capacity, ...
  std::vector<std::string> counters;   ///< names of ThreadLog::counts: failed_push, ...
  std::vector<std::string> latencies;  ///< names of ThreadLog::latencies: push, pop, delivery, ...
  /// Whether the two stamps of a latency come from different processors, so that its error is up to the clock skew.
  bool latencies_cross_cores = false;
  /// Whether the engine pins the threads of the roles. False: threads that the subject creates would inherit the
  /// placement, so no thread is pinned.
  bool pinned = true;
  /// False: runs under stress only when the user names a parameter, because another workload finds as many faults.
  bool stressed = true;
  /// Whether the library keeps threads for the lifetime of the process. Threads that outlive a round are then no leak.
  bool lasting_threads = false;
  bool latency_rounds = false;    ///< additional rounds with the latency probe follow the timed rounds
  std::uint64_t least_work = 64;  ///< units of work in the smallest sensible round
  /// Units of work in the largest round.
  std::uint64_t most_work = std::uint64_t{1} << 32;
  /// Units of work in an explored round: the fewest that can show a fault, because the explorer runs very many rounds.
  /// 0: the scenario is not explored.
  std::uint64_t explored_work = 4;
  /// An uninstrumented library that contains some of the subject's atomics; empty: none. The explorer does not observe
  /// those atomics. It still explores interleavings, but not weak memory: it could take a stale read that those atomics
  /// forbid for an allowed one.
  std::string unseen_atomics;
  std::string unit = "item";  ///< unit of work: item, trip, line, task
  /// Returns why these parameters cannot run (single consumer, no such capacity), or nothing.
  std::function<std::optional<std::string>(const Parameters&)> refuse = [](const Parameters&) {
    return std::optional<std::string>{};
  };
  /// Creates a round.
  std::function<std::unique_ptr<Round>(const RoundPlan&)> make_round;

  /// Returns the scenario's name: queue/transfer/mutex_condvar.
  [[nodiscard]] std::string name() const { return family + "/" + workload + "/" + subject; }
  /// Returns the name of a case: queue/transfer/mutex_condvar/producers:1/...
  [[nodiscard]] std::string case_name(const Parameters& params) const {
    std::string text = name();
    for (const auto& [key, value] : params.pairs()) text += "/" + key + ":" + value;
    return text;
  }
};

/// The scenarios of a plugin; its describe function fills the registry. Not thread-safe.
class Registry {
 public:
  /// Adds every workload of `Family` that the traits of `Subject` allow. `Subject` is a class template over what it
  /// carries.
  template <class Family, template <class> class Subject>
  void add(std::string_view name, typename Family::Traits traits, Expectation expectation = {},
           Standing standing = Standing::subject) {
    Family::template describe<Subject>(*this, name, traits, expectation, standing);
  }

  template <class Family, class Subject>
  void add(std::string_view name, typename Family::Traits traits, Expectation expectation = {},
           Standing standing = Standing::subject) {
    Family::template describe<Subject>(*this, name, traits, expectation, standing);
  }

  /// Adds one scenario.
  void add(Scenario scenario) {
    if (!explored_) scenario.explored_work = 0;
    scenario.unseen_atomics = unseen_atomics_;
    scenarios_.push_back(std::move(scenario));
  }

  /// Excludes all scenarios added after this call from exploration. Use it for subjects whose atomics are in an
  /// uninstrumented library: the explorer would observe only part of their synchronisation.
  void leave_unexplored() noexcept { explored_ = false; }

  /// Excludes all scenarios added after this call from the exploration of weak memory, because some of their atomics
  /// are in this uninstrumented library. See Scenario::unseen_atomics.
  void leave_out_of_weak_memory(std::string library) { unseen_atomics_ = std::move(library); }

  [[nodiscard]] const std::vector<Scenario>& scenarios() const noexcept { return scenarios_; }

 private:
  std::vector<Scenario> scenarios_;
  bool explored_ = true;
  std::string unseen_atomics_;
};

}  // namespace racetrack
