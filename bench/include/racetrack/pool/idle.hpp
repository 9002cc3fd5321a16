// idle: a pool that pauses between tasks.
//
//   submitter --> [task] ..... pause ..... [task] ..... pause ..... --> pool      metric: processor time in the pauses
//
// Before the pauses, all workers are busy and tasks are queued: the workload measures the memory of a queued task.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>
#include <sys/resource.h>

#include <racetrack/pool/round.hpp>

namespace racetrack::pool {

/// The round of `idle`.
template <class Pool, class Probe>
class Idle final : public PoolRound<Pool, Probe> {
  using Base = PoolRound<Pool, Probe>;
  using Base::plan_, Base::shape_, Base::book_, Base::pool_;
  using typename Base::Expected, typename Base::Task;

  /// A task of any of the three kinds (busy, queued, alone), so that all pass through the queue as one type.
  struct Either {
    Idle* round;
    std::uint64_t number;
    std::uint64_t operator()() const {
      if (number < round->shape_.threads) round->keep_busy();
      if (number >= round->first_alone_) round->begun_ = ticks_after();
      return Task{round, number}();
    }
  };
  using Futures = std::vector<std::pair<Future<Pool, Either>, std::uint64_t>>;

 public:
  Idle(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, plan.params.number("threads") + queued(plan) + plan.work, false),
        first_alone_(shape_.threads + queued(plan)),
        pause_(std::chrono::milliseconds(plan.probe == ProbeKind::history ? 1 : plan.params.number("pause_ms"))) {
    futures_.reserve(first_alone_);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    this->submit_and_count(thread, log, [&](Tally& tally) {
      queue_tasks(probe, tally);
      for (std::uint64_t pause = 0; pause < plan_.work && !plan_.stop->raised(); ++pause) {
        rest();
        Futures alone;
        alone.reserve(1);
        const Ticks submitted = ticks_before();
        if (!this->submit(Either{this, first_alone_ + pause}, first_alone_ + pause, probe, tally, alone)) break;
        collect_all(alone, probe, tally);
        if (begun_ > submitted) wakes_ns_.push_back(plan_.clock.ns(begun_ - submitted));
      }
      tally.stopped = plan_.stop->raised();
    });
    log.work_done = wakes_ns_.size();
  }

  [[nodiscard]] Expected expected() const override { return this->every_task(first_alone_ + plan_.work); }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    if (paused_ns_ == 0 || wakes_ns_.empty()) return {};
    std::vector<double> wakes = wakes_ns_;
    std::nth_element(wakes.begin(), wakes.begin() + static_cast<std::ptrdiff_t>(wakes.size() / 2), wakes.end());
    std::vector<Measurement> list{{"idle_cpu_ratio", paused_cpu_ns_ / paused_ns_},
                                  {"idle_switches_per_s", switches_ / paused_ns_ * 1e9},
                                  {"wake_ns", wakes[wakes.size() / 2]}};
    // Less than a pointer per task means that the pool does not allocate with malloc, so the value is omitted.
    if (bytes_per_task_ >= sizeof(void*)) list.emplace_back("bytes_per_queued_task", bytes_per_task_);
    return list;
  }

 private:
  static constexpr std::uint64_t kQueued = 1000;
  static std::uint64_t queued(const RoundPlan& plan) {
    return plan.probe == ProbeKind::history ? kQueued / 10 : kQueued;
  }

  void keep_busy() {
    // Relaxed: only a counter that the submitter polls before it queues tasks.
    busy_.fetch_add(1, std::memory_order_relaxed);
    open_.wait(false, std::memory_order_relaxed);
  }

  void queue_tasks(Probe& probe, Tally& tally) {
    std::uint64_t task = 0;
    for (; task < shape_.threads; ++task) this->submit(Either{this, task}, task, probe, tally, futures_);
    while (busy_.load(std::memory_order_relaxed) < shape_.threads && !plan_.stop->raised()) std::this_thread::yield();
    const std::size_t before = mallinfo2().uordblks;
    for (; task < first_alone_; ++task) this->submit(Either{this, task}, task, probe, tally, futures_);
    const std::size_t after = mallinfo2().uordblks;
    if (after > before) bytes_per_task_ = static_cast<double>(after - before) / static_cast<double>(queued(plan_));
    open_.store(true, std::memory_order_relaxed);
    open_.notify_all();
    collect_all(futures_, probe, tally);
  }
  void collect_all(Futures& futures, Probe& probe, Tally& tally) {
    for (auto& [future, task] : futures) this->collect(future, task, book_.sizes().result(task), probe, tally);
  }

  /// Sleeps, and measures the process's activity during the sleep.
  void rest() {
    const std::uint64_t switches = voluntary_switches();
    const double cpu = process_cpu_ns();
    const Ticks begun = ticks_before();
    std::this_thread::sleep_for(pause_);
    paused_ns_ += plan_.clock.ns(ticks_after() - begun);
    paused_cpu_ns_ += process_cpu_ns() - cpu;
    switches_ += static_cast<double>(voluntary_switches() - switches - 1);  // minus this thread's own sleep
  }
  static std::uint64_t voluntary_switches() noexcept {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_nvcsw);
  }

  std::uint64_t first_alone_;  ///< number of the first task between two pauses
  std::chrono::milliseconds pause_;
  Futures futures_;
  Ticks begun_ = 0;  ///< begin of the last task between two pauses; written by it, read after its future is ready
  double paused_ns_ = 0, paused_cpu_ns_ = 0, switches_ = 0, bytes_per_task_ = 0;
  std::vector<double> wakes_ns_;
  alignas(kApart) std::atomic<std::size_t> busy_{0};
  alignas(kApart) std::atomic<bool> open_{false};
};

}  // namespace racetrack::pool
