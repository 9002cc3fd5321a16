// The results of the peer process, in shared memory: its operations and its sums.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/clock.hpp>
#include <racetrack/history.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/queue/roles.hpp>
#include <racetrack/scenario.hpp>
#include <racetrack/shared_memory.hpp>

namespace racetrack::ipc {

/// A log that only the peer writes. The parent reads it after the peer is done or dead. Each operation is published on
/// its own, so that the log of a killed peer is complete up to the kill.
class SharedLog {
 public:
  explicit SharedLog(const RoundPlan& plan)
      : room_(plan.probe == ProbeKind::history ? 4 * plan.work + 1024 : 1), operations_(room_) {}

  /// Peer: appends an operation, unless the log is full.
  void add(const Operation& operation) noexcept {
    const std::uint64_t at = head_->count.load(std::memory_order_relaxed);  // the peer is the only writer
    if (at == room_) return;
    operations_[at] = operation;
    head_->count.store(at + 1, std::memory_order_release);  // pairs with the acquire in copy_to
  }
  /// Peer: stores its sums, at its end.
  void keep(const queue::Tally& tally) noexcept { head_->tally = tally; }

  /// Parent: sets the peer's disturbance before the peer starts. The peer's memory is a copy of the parent's, so the
  /// addresses are valid there.
  void disturb_with(const Disturbance& disturbance) noexcept { head_->disturbance = disturbance; }
  [[nodiscard]] Disturbance disturbance() const noexcept { return head_->disturbance; }

  /// Parent: appends the peer's operations to `log`.
  void copy_to(ThreadLog& log) const {
    const std::uint64_t count = head_->count.load(std::memory_order_acquire);  // pairs with the release in add
    for (std::uint64_t i = 0; i < count; ++i) log.operations.push_back(operations_[i]);
  }
  /// Parent: returns the peer's sums. Valid when the peer is done.
  [[nodiscard]] const queue::Tally& tally() const noexcept { return head_->tally; }

 private:
  struct alignas(kApart) Head {
    std::atomic<std::uint64_t> count{0};
    queue::Tally tally;
    Disturbance disturbance;
  };

  std::uint64_t room_;
  Shared<Head> head_;
  Shared<Operation> operations_;
};

/// The HistoryProbe of the peer. It records into a SharedLog.
class PeerHistoryProbe {
 public:
  PeerHistoryProbe(SharedLog& log, const RoundPlan& plan, std::size_t thread) noexcept
      : log_(&log),
        disturbance_(log.disturbance()),
        thread_(static_cast<std::uint32_t>(thread)),
        stamped_(plan.stamped) {}

  void begin() noexcept {
    disturbance_();
    if (stamped_) begun_ = ticks_before();
  }
  void end(Action action, std::uint64_t value, Outcome outcome, std::uint16_t object = 0) noexcept {
    const Ticks now = stamped_ ? ticks_visible() : 0;
    disturbance_();
    log_->add({value, begun_, now, thread_, object, action, outcome});
  }

 private:
  SharedLog* log_;
  Disturbance disturbance_;
  std::uint32_t thread_;
  bool stamped_;
  Ticks begun_ = 0;
};

/// Calls body(probe) with the peer's counterpart of `Probe`.
template <class Probe, class Body>
void with_peer_probe(SharedLog& log, const RoundPlan& plan, std::size_t thread, Body&& body) {
  if constexpr (Probe::kKind == ProbeKind::history) {
    PeerHistoryProbe probe(log, plan, thread);
    body(probe);
  } else {
    ThreadLog none;
    ThroughputProbe probe(none, plan, thread);
    body(probe);
  }
}

}  // namespace racetrack::ipc
