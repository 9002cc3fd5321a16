// Scenario, round and registry: what a plugin gives to the host.
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

/// What workers report their operations to; decides what is seen of them.
enum class ProbeKind : std::uint8_t { throughput, latency, history };

/// Raised by the watchdog to end a round whose threads wait for what will not come. Relaxed: it carries no data,
/// and anything stronger would order the threads under observation.
class StopFlag {
 public:
  void raise() noexcept { raised_.store(true, std::memory_order_relaxed); }
  void lower() noexcept { raised_.store(false, std::memory_order_relaxed); }
  [[nodiscard]] bool raised() const noexcept {
    const Unwatched unwatched;
    return raised_.load(std::memory_order_relaxed);
  }

 private:
  alignas(kApart) std::atomic<bool> raised_{false};
};

/// What the stress engine does at the boundaries of operations: nothing, a pause, a sleep, a migration. A function of the engine's
/// with its state, one per thread.
struct Disturbance {
  void (*act)(void* state) noexcept = nullptr;
  void* state = nullptr;
  void operator()() const noexcept {
    if (act != nullptr) act(state);
  }
};

/// What an engine asks of a round.
struct RoundPlan {
  Parameters params;
  ProbeKind probe = ProbeKind::throughput;
  bool stamped = true;     ///< history probe: with time stamps
  std::uint64_t work = 0;  ///< units of work (items, operations, tasks) in the round
  std::uint64_t seed = 0;
  Clock clock{};
  const StopFlag* stop = nullptr;  ///< never null in a round
  /// History probe: at the boundaries of what threads do that the subject made itself. The same for all of them.
  Disturbance strangers{};
};

/// What one thread brings home from a round. Written by that thread alone while the round runs, read after the join.
/// Role bodies count in local variables and store here once at their end.
struct alignas(kApart) ThreadLog {
  std::uint64_t work_done = 0;         ///< units of work that arrived here
  std::vector<std::uint64_t> counts;   ///< by index in Scenario::counters
  std::vector<Histogram> latencies;    ///< by index in Scenario::latencies; ticks
  std::vector<Operation> operations;   ///< history probe; reserved by the engine
  Disturbance disturbance;             ///< history probe: before and after every operation
  std::uint64_t failures_dropped = 0;  ///< failed tries that found no room in `operations`
  Ticks started = 0, finished = 0;     ///< stamped by the team around the role body
  const char* inside = nullptr;  ///< history probe: the operation of the subject that has not returned; see enter()

  /// `operation`, a literal, begins. Relaxed: only the watchdog reads it, of a thread that does not return.
  void enter(const char* operation) noexcept {
    std::atomic_ref<const char*>(inside).store(operation, std::memory_order_relaxed);
  }
  void leave() noexcept { enter(nullptr); }
};

/// A number that a round derives itself, named with its unit (fill_ns_per_item).
using Measurement = std::pair<std::string, double>;

struct Role {
  std::string name;
  std::size_t threads = 1;
};

/// A fresh subject with all that its threads need. Made, settled and destroyed by the driving thread; `run` is called
/// once per thread, concurrently. Constructors throw std::invalid_argument for what the subject cannot do.
class Round {
 public:
  Round() = default;
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;
  virtual ~Round() = default;

  /// Roles in the order of thread numbers: first all threads of the first role.
  [[nodiscard]] virtual std::vector<Role> roles() const = 0;
  /// The body of thread `thread`.
  virtual void run(std::size_t thread, ThreadLog& log) = 0;
  /// After all threads have joined: take out what is left in the subject (recorded as operations of `log`).
  virtual void settle(ThreadLog& log) { static_cast<void>(log); }
  /// After settle, in a recorded round that the watchdog did not stop: operations of one thread on a subject that no other thread uses. Called
  /// by any thread, which the watchdog watches. A failure is part of check().
  virtual void probe(ThreadLog& log) { static_cast<void>(log); }
  /// After settle: what only this workload knows to compute.
  [[nodiscard]] virtual std::vector<Measurement> measurements() const { return {}; }
  /// After settle: a check that is cheap enough for every timed round (sums, counts).
  [[nodiscard]] virtual Verdict check() const { return {}; }
  /// Actual capacity, object by object the same; 0 = unbounded.
  [[nodiscard]] virtual std::uint64_t capacity() const { return 0; }
};

/// A declared property of a subject, as it stands in records and tables.
using TraitValue = std::variant<bool, std::int64_t, std::string>;
using TraitList = std::vector<std::pair<std::string, TraitValue>>;

/// A subject is raced and ranked; a control is a known-bad twin that proves a detector can fail.
enum class Standing : std::uint8_t { subject, control };

/// family / workload / subject with its parameter space and its expectation.
struct Scenario {
  std::string family, workload, subject;
  Standing standing = Standing::subject;
  std::vector<Axis> axes;
  TraitList traits;
  /// Traits that depend on the parameters (actual capacity).
  std::function<TraitList(const Parameters&)> case_traits = [](const Parameters&) { return TraitList{}; };
  Expectation expectation;
  std::vector<std::string> oracles;    ///< names known to the harness: conservation, fifo, capacity, ...
  std::vector<std::string> counters;   ///< of ThreadLog::counts: failed_push, ...
  std::vector<std::string> latencies;  ///< of ThreadLog::latencies: push, pop, delivery, ...
  bool latencies_cross_cores = false;  ///< their two stamps come from different processors: no better than the skew
  /// Threads of the roles stay where the engine places them. False: what they make would inherit the place, so they are placed nowhere.
  bool pinned = true;
  bool stressed = true;  ///< false: under stress only when a parameter is named, because another workload finds as much
  bool lasting_threads = false;   ///< its library keeps threads for the process: those that outlive a round are no leak
  bool latency_rounds = false;    ///< after the timed rounds, some more under the latency probe
  std::uint64_t least_work = 64;  ///< units in the smallest sensible round
  std::uint64_t most_work = std::uint64_t{1} << 32;
  /// Units in an explored round, of which there are very many: as few as can go wrong. 0: the scenario is not explored.
  std::uint64_t explored_work = 4;
  /// The library in which some of its atomics are that the explorer does not see; empty: none. Their interleavings are explored as far as they
  /// show, weak memory is not: a stale read that those forbid would be taken for one that is allowed.
  std::string unseen_atomics;
  std::string unit = "item";  ///< of work: item, trip, line, task
  /// Why these parameters cannot be run (single consumer, no such capacity), or nothing.
  std::function<std::optional<std::string>(const Parameters&)> refuse = [](const Parameters&) {
    return std::optional<std::string>{};
  };
  std::function<std::unique_ptr<Round>(const RoundPlan&)> make_round;

  [[nodiscard]] std::string name() const { return family + "/" + workload + "/" + subject; }
  /// The case's name: queue/transfer/mutex_condvar/producers:1/...
  [[nodiscard]] std::string case_name(const Parameters& params) const {
    std::string text = name();
    for (const auto& [key, value] : params.pairs()) text += "/" + key + ":" + value;
    return text;
  }
};

/// What a plugin's describe function fills.
class Registry {
 public:
  /// Adds every workload of `Family` that the traits of `Subject` allow.
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

  void add(Scenario scenario) {
    if (!explored_) scenario.explored_work = 0;
    scenario.unseen_atomics = unseen_atomics_;
    scenarios_.push_back(std::move(scenario));
  }

  /// What is added from here on is not explored: its atomics are in a library that is not instrumented, and it would be judged by half of
  /// what it does.
  void leave_unexplored() noexcept { explored_ = false; }

  /// What is added from here on is not explored in weak memory: some of its atomics are in this library, which is not instrumented.
  void leave_out_of_weak_memory(std::string library) { unseen_atomics_ = std::move(library); }

  [[nodiscard]] const std::vector<Scenario>& scenarios() const noexcept { return scenarios_; }

 private:
  std::vector<Scenario> scenarios_;
  bool explored_ = true;
  std::string unseen_atomics_;
};

}  // namespace racetrack
