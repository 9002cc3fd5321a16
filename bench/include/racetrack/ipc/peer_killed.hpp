// peer_killed: one of the two processes is killed during a transfer. The other must notice it without a timeout.
//
//   this process (survivor) <--> [channel] <--> peer --X
//
// Metric: `notice`, the time from the kill to the return of the operation that reports it.
//
// The round's seed selects whether the peer is the producer or the consumer, and the number of items before the kill. A
// survivor that never notices waits without end: the watchdog reports a hang. A surviving consumer must receive the
// items that were sent before the kill, intact and in order.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <racetrack/clock.hpp>
#include <racetrack/ipc/pair_round.hpp>
#include <racetrack/platform.hpp>

namespace racetrack::ipc {

/// The round of `peer_killed`.
template <class Channel, class Item>
class PeerKilled final : public Round {
 public:
  PeerKilled(const RoundPlan& plan, const Traits& traits)
      : plan_(plan),
        peer_consumes_((mixed(plan.seed) & 1U) != 0),
        items_before_((mixed(plan.seed) >> 1U) % kMaxItemsBefore),
        channel_(static_cast<std::size_t>(asked_capacity(plan, traits))) {
    peer_.emplace([this](auto&& gate) { peer_consumes_ ? consume_until_killed(gate) : produce_until_killed(gate); });
    if (peer_consumes_) {
      out_.emplace(channel_);
    } else {
      in_.emplace(channel_);
    }
  }

  [[nodiscard]] std::vector<Role> roles() const override { return {{"survivor", 1}, {"killer", 1}}; }

  void run(std::size_t thread, ThreadLog& log) override {
    if (thread == 1) {
      kill_peer();
      return;
    }
    if (peer_consumes_) {
      survive([this, sequence = std::uint64_t{0}]() mutable {
        return out_->port.push(Item(queue::value_of(0, sequence++)));
      });
    } else {
      survive([this, expected = std::uint64_t{0}]() mutable {
        Item item;
        if (!in_->port.pop(item)) return false;
        if (!item.intact()) ++torn_;
        if (item.value() != queue::value_of(0, expected++)) ++misplaced_;
        return true;
      });
    }
    log.work_done = 1;
    const Ticks now = ticks_after();
    const Ticks killed = killed_at_.load(std::memory_order_relaxed);  // only a time; orders nothing
    if (plan_.probe == ProbeKind::throughput && killed != 0) log.latencies[0].record(now - std::min(now, killed));
  }

  void settle(ThreadLog&) override {
    ending_ = peer_->wait();
    early_ = ending_ != spawn::Ending{spawn::Ending::How::signal, SIGKILL};
  }

  [[nodiscard]] Verdict check() const override {
    if (early_) {
      return {Result::fail, "crash", "process", "the other process ended before it was killed, with " + ending_.text()};
    }
    if (torn_ != 0) {
      return {Result::fail, "torn", "oracle.prefix",
              std::to_string(torn_) + " items of the killed process arrived torn"};
    }
    if (misplaced_ != 0) {
      return {Result::fail, "reordered", "oracle.prefix",
              std::to_string(misplaced_) + " items of the killed process arrived out of order"};
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kMaxItemsBefore = 2000;

  /// The finaliser of MurmurHash3 (Appleby, 2011): similar seeds give different rounds.
  static std::uint64_t mixed(std::uint64_t seed) noexcept {
    seed = (seed ^ (seed >> 33U)) * 0xff51afd7ed558ccdU;
    seed = (seed ^ (seed >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return seed ^ (seed >> 33U);
  }

  template <class Gate>
  void produce_until_killed(Gate&& gate) {
    ProducerPort<Channel> out(channel_);
    gate();
    for (std::uint64_t sequence = 0; out.port.push(Item(queue::value_of(0, sequence))); ++sequence) {
    }
  }
  template <class Gate>
  void consume_until_killed(Gate&& gate) {
    ConsumerPort<Channel> in(channel_);
    gate();
    Item item;
    while (in.port.pop(item)) {
    }
  }

  /// Repeats `step` until the channel reports the death of the peer.
  template <class Step>
  void survive(Step&& step) {
    std::uint64_t steps = 0;
    while (step()) steps_.store(++steps, std::memory_order_relaxed);  // only a hint when to kill; orders nothing
    survived_.store(true, std::memory_order_relaxed);                 // relaxed for the same reason
  }

  void kill_peer() {
    constexpr std::chrono::microseconds kPollInterval{20};
    peer_->start();
    const auto far_enough = [this] {
      return steps_.load(std::memory_order_relaxed) >= items_before_ || survived_.load(std::memory_order_relaxed) ||
             plan_.stop->raised();
    };
    while (!far_enough()) std::this_thread::sleep_for(kPollInterval);
    killed_at_.store(ticks_before(), std::memory_order_relaxed);
    peer_->kill();
  }

  RoundPlan plan_;
  bool peer_consumes_;
  std::uint64_t items_before_;
  Channel channel_;
  std::optional<ProducerPort<Channel>> out_;
  std::optional<ConsumerPort<Channel>> in_;
  std::optional<Peer> peer_;
  std::uint64_t torn_ = 0, misplaced_ = 0;
  bool early_ = false;
  spawn::Ending ending_;
  alignas(kApart) std::atomic<std::uint64_t> steps_{0};
  std::atomic<bool> survived_{false};
  alignas(kApart) std::atomic<Ticks> killed_at_{0};
};

}  // namespace racetrack::ipc
