// peer_killed: one of the two processes is killed in the middle of it all. The other must notice, by itself and without a time-out.
//
//   this process (survivor) <--> [channel] <--> its peer --X      metric: notice, from the kill until the operation in which it shows
//
// Which of the two is the producer, and after how many items the peer is killed, come from the round's seed. A survivor that is
// never told waits for ever: that is a hang, found by the watchdog. One that consumes gets what was sent before, whole and in order.
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

template <class Channel, class Item>
class PeerKilled final : public Round {
 public:
  PeerKilled(const RoundPlan& plan, const Traits& traits)
      : plan_(plan),
        peer_consumes_((mixed(plan.seed) & 1U) != 0),
        items_before_((mixed(plan.seed) >> 1U) % kMostItemsBefore),
        channel_(static_cast<std::size_t>(asked_capacity(plan, traits))) {
    peer_.emplace([this](auto&& gate) { peer_consumes_ ? consume_for_ever(gate) : produce_for_ever(gate); });
    if (peer_consumes_) {
      out_.emplace(channel_);
    } else {
      in_.emplace(channel_);
    }
  }

  [[nodiscard]] std::vector<Role> roles() const override { return {{"survivor", 1}, {"killer", 1}}; }

  void run(std::size_t thread, ThreadLog& log) override {
    if (thread == 1) {
      kill_in_the_middle();
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
    const Ticks killed = killed_at_.load(std::memory_order_relaxed);  // a stamp for a number, not an order
    if (plan_.probe == ProbeKind::throughput && killed != 0) log.latencies[0].record(now - std::min(now, killed));
  }

  void settle(ThreadLog&) override {
    ending_ = peer_->wait();
    early_ = ending_ != spawn::Ending{spawn::Ending::How::signal, SIGKILL};
  }

  [[nodiscard]] Verdict check() const override {
    if (early_) {
      return {Result::fail, "crash", "process", "the other process ended before it was killed, by " + ending_.text()};
    }
    if (torn_ != 0) {
      return {Result::fail, "torn", "oracle.prefix",
              std::to_string(torn_) + " items of the killed process arrived torn"};
    }
    if (misplaced_ != 0) {
      return {Result::fail, "reordered", "oracle.prefix",
              std::to_string(misplaced_) + " items of the killed process did not arrive in their place"};
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kMostItemsBefore = 2000;

  /// MurmurHash3's finaliser (Appleby, 2011): neighbouring seeds give different rounds.
  static std::uint64_t mixed(std::uint64_t seed) noexcept {
    seed = (seed ^ (seed >> 33U)) * 0xff51afd7ed558ccdU;
    seed = (seed ^ (seed >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return seed ^ (seed >> 33U);
  }

  template <class Gate>
  void produce_for_ever(Gate&& gate) {
    ProducerPort<Channel> out(channel_);
    gate();
    for (std::uint64_t sequence = 0; out.port.push(Item(queue::value_of(0, sequence))); ++sequence) {
    }
  }
  template <class Gate>
  void consume_for_ever(Gate&& gate) {
    ConsumerPort<Channel> in(channel_);
    gate();
    Item item;
    while (in.port.pop(item)) {
    }
  }

  /// Until the channel says that the other side has gone.
  template <class Step>
  void survive(Step&& step) {
    std::uint64_t steps = 0;
    while (step()) steps_.store(++steps, std::memory_order_relaxed);  // a hint when to kill; orders nothing
    survived_.store(true, std::memory_order_relaxed);                 // the same
  }

  void kill_in_the_middle() {
    constexpr std::chrono::microseconds kLookAgain{20};
    peer_->start();
    const auto far_enough = [this] {
      return steps_.load(std::memory_order_relaxed) >= items_before_ || survived_.load(std::memory_order_relaxed) ||
             plan_.stop->raised();
    };
    while (!far_enough()) std::this_thread::sleep_for(kLookAgain);
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
