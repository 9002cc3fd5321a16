// Probes: what is seen of each operation. Role bodies are templates over them, so that the throughput probe compiles
// to nothing. A probe touches only its own thread's log and synchronises with nobody.
#pragma once

#include <cstdint>

#include <racetrack/clock.hpp>
#include <racetrack/explore_hooks.hpp>
#include <racetrack/histogram.hpp>
#include <racetrack/history.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack {

/// Sees nothing.
class ThroughputProbe {
 public:
  static constexpr ProbeKind kKind = ProbeKind::throughput;
  ThroughputProbe(ThreadLog&, const RoundPlan&, std::size_t /*thread*/) noexcept {}
  void begin(const char* /*operation*/ = nullptr) noexcept {}
  void end(Action, std::uint64_t, Outcome, std::uint16_t = 0) noexcept {}
};

/// Sees how long every successful operation took, from its call to its return; failed tries are left out. Histogram 0 of the
/// log takes pushes (or writes), histogram 1 pops (or reads).
class LatencyProbe {
 public:
  static constexpr ProbeKind kKind = ProbeKind::latency;
  LatencyProbe(ThreadLog& log, const RoundPlan&, std::size_t /*thread*/) noexcept : latencies_(log.latencies.data()) {}
  void begin(const char* /*operation*/ = nullptr) noexcept { begun_ = ticks_before(); }
  void end(Action action, std::uint64_t, Outcome outcome, std::uint16_t = 0) noexcept {
    const Ticks now = ticks_done();
    if (outcome != Outcome::ok) return;
    const std::size_t which = (action == Action::pop || action == Action::read) ? 1 : 0;
    latencies_[which].record(now - begun_);
  }

 private:
  Histogram* latencies_;
  Ticks begun_ = 0;
};

/// Sees every operation with its interval, and lets the stress engine disturb its boundaries. Failed tries are kept only
/// while a quarter of the buffer is free, so that successes always find room; what was left out is counted.
class HistoryProbe {
 public:
  static constexpr ProbeKind kKind = ProbeKind::history;
  HistoryProbe(ThreadLog& log, const RoundPlan& plan, std::size_t thread) noexcept
      : log_(&log), thread_(static_cast<std::uint32_t>(thread)), stamped_(plan.stamped) {}

  /// `operation`: its name, for the watchdog.
  [[gnu::noinline]] void begin(const char* operation = nullptr) noexcept {
    const Unwatched unwatched;
    log_->disturbance();
    log_->enter(operation);
    if (stamped_) begun_ = ticks_before();
  }
  [[gnu::noinline]] void end(Action action, std::uint64_t value, Outcome outcome, std::uint16_t object = 0) {
    const Unwatched unwatched;
    const Ticks now = stamped_ ? ticks_visible() : 0;
    log_->leave();
    log_->disturbance();
    auto& kept = log_->operations;
    const bool failed_try = outcome == Outcome::empty || outcome == Outcome::full;
    if (failed_try && kept.size() >= kept.capacity() / 4) {
      ++log_->failures_dropped;
      return;
    }
    kept.push_back({value, begun_, now, thread_, object, action, outcome});
  }

 private:
  ThreadLog* log_;
  std::uint32_t thread_;
  bool stamped_;
  Ticks begun_ = 0;
};

}  // namespace racetrack
