#include "load/round_runner.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <sys/syscall.h>
#include <unistd.h>

#include "load/given_time.hpp"

namespace racetrack::load {
namespace {

constexpr std::chrono::nanoseconds kDeadlockCheckInterval = std::chrono::milliseconds(20);
constexpr std::chrono::nanoseconds kFirstSample = std::chrono::milliseconds(200);

constexpr const char* kStarved = "; the machine gave its threads too little time to call it a hang";

/// The disturbance for interposed lock operations, which do not know the round.
constinit thread_local Disturbance this_threads_disturbance{};

class Disturbed {
 public:
  explicit Disturbed(const Disturbance& disturbance) noexcept { this_threads_disturbance = disturbance; }
  ~Disturbed() { this_threads_disturbance = {}; }
  Disturbed(const Disturbed&) = delete;
  Disturbed& operator=(const Disturbed&) = delete;
};

}  // namespace

Disturbance RoundRunner::disturbance_of_this_thread() noexcept { return this_threads_disturbance; }
void RoundRunner::disturb_this_thread_with(const Disturbance& disturbance) noexcept {
  this_threads_disturbance = disturbance;
}

std::vector<Role> RoundRunner::roles_of(const Scenario& scenario, const Parameters& params, const Clock& clock) {
  const StopFlag stop;
  RoundPlan plan;
  plan.params = params;
  plan.probe = ProbeKind::history;  // every scenario has this probe; a control has no timed ones
  plan.work = scenario.least_work;
  plan.clock = clock;
  plan.stop = &stop;
  return scenario.make_round(plan)->roles();
}

RoundRunner::RoundRunner(const Scenario& scenario, Parameters params, const std::vector<int>& cpus, bool oversubscribed,
                         Options options)
    : scenario_(scenario),
      params_(std::move(params)),
      options_(std::move(options)),
      roles_(roles_of(scenario, params_, options_.clock)),
      logs_(cpus.size() + 1),
      team_(std::make_unique<Team>(cpus, oversubscribed)) {
  for (ThreadLog& log : logs_) {
    log.counts.resize(scenario.counters.size());
    log.latencies.resize(scenario.latencies.size());
  }
}

void RoundRunner::prepare_logs(ProbeKind probe, std::uint64_t work) {
  counts_progress_ = probe == ProbeKind::history;
  for (ThreadLog& log : logs_) {
    log.work_done = 0;
    log.failures_dropped = 0;
    log.current_operation = nullptr;
    log.progress = 0;
    std::fill(log.counts.begin(), log.counts.end(), 0);
    log.operations.clear();
    // Room for a thread that performs all the work alone, twice, and for failed tries.
    if (probe == ProbeKind::history) log.operations.reserve(4 * work + 1024);
  }
}

RoundOutcome RoundRunner::run(ProbeKind probe, std::uint64_t work, std::uint64_t seed, bool stamped) {
  RoundPlan plan;
  plan.params = params_;
  plan.probe = probe;
  plan.stamped = stamped;
  plan.work = work;
  plan.seed = seed;
  plan.clock = options_.clock;
  plan.stop = &stop_;
  plan.worker_disturbance = worker_disturbance_;
  stop_.lower();
  prepare_logs(probe, work);
  std::unique_ptr<Round> round = scenario_.make_round(plan);
  capacity_ = round->capacity();

  if (options_.watch) options_.watch(true);
  team_->start([this, &round = *round](std::size_t thread) {
    const Disturbed disturbed(logs_[thread].disturbance);
    round.run(thread, logs_[thread]);
  });
  Awaited awaited = await_team(options_.patience, true);
  if (options_.watch) options_.watch(false);
  const bool overdue = awaited != Awaited::finished;
  bool starved = awaited == Awaited::starved;
  if (overdue) {
    if (awaited == Awaited::deadlocked) {
      static_cast<void>(round.release());  // its threads still use it
      throw Stuck{"threads wait for each other without end", false};
    }
    if (options_.overdue) options_.overdue();
    stop_.raise();
    awaited = await_team(options_.grace, false);
    if (awaited != Awaited::finished) {
      static_cast<void>(round.release());  // its threads still use it
      throw Stuck{"threads are stuck in an operation that does not return" + describe_blocked_operations(),
                  starved || awaited == Awaited::starved};
    }
  }
  RoundOutcome outcome;
  outcome.stopped = overdue;
  outcome.starved = starved;
  measure_time(outcome);
  round->settle(logs_.back());
  if (probe == ProbeKind::history && !overdue) this->probe(round);
  if (options_.beat) options_.beat();
  return collect(*round, plan, std::move(outcome));
}

void RoundRunner::probe(std::unique_ptr<Round>& round) {
  team_->start([this, &probed = *round](std::size_t thread) {
    if (thread == 0) probed.probe(logs_.back());
  });
  const Awaited awaited = await_team(options_.patience, false);
  if (awaited == Awaited::finished) return;
  if (options_.overdue) options_.overdue();
  static_cast<void>(round.release());  // a thread still uses it
  throw Stuck{"one thread that uses the queue alone is stuck in an operation that does not return" +
                  describe_blocked_operations(),
              awaited == Awaited::starved};
}

std::string RoundRunner::describe_blocked_operations() const {
  std::string text;
  std::size_t thread = 0;
  const auto name = [&](const std::string& thread_name, const ThreadLog& log) {
    // relaxed: see ThreadLog::enter
    const char* const operation =
        std::atomic_ref<const char*>(const_cast<ThreadLog&>(log).current_operation).load(std::memory_order_relaxed);
    if (operation != nullptr) text += (text.empty() ? ": " : ", ") + thread_name + " is in " + operation;
  };
  for (const Role& role : roles_) {
    for (std::size_t i = 0; i < role.threads; ++i) name(role.name + " " + std::to_string(i), logs_[thread++]);
  }
  name("it", logs_.back());
  return text;
}

std::uint64_t RoundRunner::progress() const noexcept {
  std::uint64_t sum = 0;
  for (const ThreadLog& log : logs_) {
    // relaxed: see ThreadLog::advance
    sum += std::atomic_ref<std::uint64_t>(const_cast<ThreadLog&>(log).progress).load(std::memory_order_relaxed);
  }
  return sum;
}

RoundRunner::Awaited RoundRunner::await_team(std::chrono::nanoseconds patience, bool check_deadlock) {
  using SteadyClock = std::chrono::steady_clock;
  const bool ask = check_deadlock && options_.deadlocked;
  const std::chrono::nanoseconds tick =
      std::clamp<std::chrono::nanoseconds>(patience / 8, std::chrono::milliseconds(1), GivenTime::kTick);
  const std::chrono::nanoseconds piece = ask ? std::min(tick, kDeadlockCheckInterval) : tick;
  std::optional<GivenTime> given;
  std::uint64_t progress_before = progress();
  auto progressed = SteadyClock::now();
  auto next_sample = progressed + std::min(patience / 4, kFirstSample);  // a short round is not disturbed
  for (;;) {
    if (team_->wait(piece)) return Awaited::finished;
    if (ask && options_.deadlocked()) return Awaited::deadlocked;
    const auto now = SteadyClock::now();
    if (now < next_sample) continue;
    next_sample = now + tick;
    if (!counts_progress_ && options_.beat) options_.beat();
    if (!given) {
      given.emplace(getpid(), static_cast<pid_t>(syscall(SYS_gettid)), tick);
    } else {
      given->sample();
    }
    if (const std::uint64_t progress_now = progress(); progress_now != progress_before) {
      progress_before = progress_now;
      progressed = now;
      given->reset();
      if (options_.beat) options_.beat();
    }
    if (given->exhausts(patience)) return given->is_certain() ? Awaited::no_progress : Awaited::starved;
    if (now - progressed > kMostPatience * patience) return Awaited::starved;
  }
}

RoundOutcome RoundRunner::collect(Round& round, const RoundPlan& plan, RoundOutcome outcome) {
  outcome.counts.resize(scenario_.counters.size());
  for (const ThreadLog& log : logs_) {
    outcome.work += log.work_done;
    for (std::size_t i = 0; i < outcome.counts.size(); ++i) outcome.counts[i] += log.counts[i];
  }
  outcome.measurements = round.measurements();
  outcome.check = round.check();
  // All work is done and no thread gave up: the round ended just after the stop flag was set.
  if (outcome.stopped && outcome.work == plan.work && outcome.check.kind != "hang") outcome.stopped = false;
  if (outcome.starved && outcome.check.kind == "hang") {
    outcome.check.result = Result::unknown;
    outcome.check.witness += kStarved;
  }
  if (plan.probe == ProbeKind::history) {
    History& history = outcome.history;
    for (ThreadLog& log : logs_) {
      history.failures_dropped += log.failures_dropped;
      history.threads.push_back(std::move(log.operations));
    }
    history.capacity = capacity_;
    history.stamped = plan.stamped;
    history.complete = !outcome.stopped;
    history.skew = options_.skew;
  }
  return outcome;
}

void RoundRunner::measure_time(RoundOutcome& outcome) const {
  const auto& stamps = team_->stamps();
  Ticks first_start = ~Ticks{0}, last_start = 0, first_finish = ~Ticks{0}, last_finish = 0;
  for (const Team::Stamps& stamp : stamps) {
    first_start = std::min(first_start, stamp.started);
    last_start = std::max(last_start, stamp.started);
    first_finish = std::min(first_finish, stamp.finished);
    last_finish = std::max(last_finish, stamp.finished);
    outcome.usage.cpu_ns += stamp.usage.cpu_ns;
    outcome.usage.voluntary_switches += stamp.usage.voluntary_switches;
    outcome.usage.involuntary_switches += stamp.usage.involuntary_switches;
  }
  const double whole = options_.clock.ns(last_finish - first_start);
  outcome.seconds = whole / 1e9;
  for (const Team::Stamps& stamp : stamps) {
    if (!stamp.usage.waited_ns || whole <= 0) continue;
    outcome.waited = std::max(outcome.waited.value_or(0), *stamp.usage.waited_ns / whole);
  }
  outcome.overlap = first_finish > last_start ? options_.clock.ns(first_finish - last_start) / whole : 0.0;

  const std::size_t takers = roles_.back().threads;
  Ticks first_taker = ~Ticks{0}, last_taker = 0;
  for (std::size_t t = stamps.size() - takers; t < stamps.size(); ++t) {
    outcome.work_by_thread.push_back(logs_[t].work_done);
    first_taker = std::min(first_taker, stamps[t].finished);
    last_taker = std::max(last_taker, stamps[t].finished);
    outcome.finish_ns.push_back(options_.clock.ns(stamps[t].finished - first_start));
  }
  outcome.finish_spread_ns = options_.clock.ns(last_taker - first_taker);
}

void RoundRunner::disturb_with(const std::vector<Disturbance>& disturbances) {
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    logs_[i].disturbance = i < disturbances.size() ? disturbances[i] : Disturbance{};
  }
}

std::vector<Histogram> RoundRunner::latencies() const {
  std::vector<Histogram> merged(scenario_.latencies.size());
  for (const ThreadLog& log : logs_) {
    for (std::size_t i = 0; i < merged.size(); ++i) merged[i].merge(log.latencies[i]);
  }
  return merged;
}

void RoundRunner::clear_latencies() {
  for (ThreadLog& log : logs_) {
    for (Histogram& histogram : log.latencies) histogram.clear();
  }
}

}  // namespace racetrack::load
