// Probes record operations. Role bodies are templates over the probe type, so that the throughput probe compiles to
// nothing. A probe accesses only its own thread's log and synchronises with no other thread.
#pragma once

#include <cstdint>

#include <racetrack/clock.hpp>
#include <racetrack/explore_hooks.hpp>
#include <racetrack/histogram.hpp>
#include <racetrack/history.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack {

/// Records nothing.
class ThroughputProbe {
 public:
  static constexpr ProbeKind kKind = ProbeKind::throughput;
  ThroughputProbe(ThreadLog&, const RoundPlan&, std::size_t /*thread*/) noexcept {}
  void begin(const char* /*operation*/ = nullptr) noexcept {}
  void end(Action, std::uint64_t, Outcome, std::uint16_t = 0) noexcept {}
};

/// Records the duration of every successful operation, from its call to its return; it ignores failed tries. Pops and
/// reads go to histogram 1 of the log, all other operations to histogram 0.
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

/// Records every operation with its interval, and lets the stress engine disturb the thread at the operation's
/// boundaries. Failed tries are recorded only while three quarters of the buffer are free, so that successful
/// operations always find room; the log counts the omitted ones.
class HistoryProbe {
 public:
  static constexpr ProbeKind kKind = ProbeKind::history;
  HistoryProbe(ThreadLog& log, const RoundPlan& plan, std::size_t thread) noexcept
      : log_(&log), thread_(static_cast<std::uint32_t>(thread)), stamped_(plan.stamped) {}

  /// `operation` is the name that the watchdog reports when the operation does not return.
  [[gnu::noinline]] void begin(const char* operation = nullptr) noexcept {
    const Unwatched unwatched;
    log_->disturbance();
    log_->enter(operation);
    if (stamped_) begun_ = ticks_before();
  }
  /// Records the end of the operation. `object` is the index of the subject in the round. Allocates no memory while the
  /// buffer has room.
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
    if (!failed_try) log_->advance();
    kept.push_back({value, begun_, now, thread_, object, action, outcome});
  }

 private:
  ThreadLog* log_;
  std::uint32_t thread_;
  bool stamped_;
  Ticks begun_ = 0;
};

}  // namespace racetrack
