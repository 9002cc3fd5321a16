// What rounds of two processes share. The parent's role runs on thread 0. Thread 1 stands for the peer: it lends the peer its
// processor, starts it, sleeps until it is done, and brings home what it did. The peer is forked, and the handles are made, before the
// round: the time of a round includes waking the peer and waking thread 1, and no fork.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <racetrack/ipc/contract.hpp>
#include <racetrack/ipc/peer.hpp>
#include <racetrack/ipc/roles.hpp>
#include <racetrack/ipc/shared_log.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::ipc {

/// Capacity that a channel is made with; 0: unbounded.
inline std::uint64_t asked_capacity(const RoundPlan& plan, const Traits& traits) noexcept {
  return traits.bounded ? plan.params.number("capacity", 1024) : 0;
}

/// A handle that stays where it is made.
template <class Channel>
struct ProducerPort {
  explicit ProducerPort(Channel& channel) : port(channel.producer()) {}
  ProducerOf<Channel> port;
};
template <class Channel>
struct ConsumerPort {
  explicit ConsumerPort(Channel& channel) : port(channel.consumer()) {}
  ConsumerOf<Channel> port;
};

class PairRound : public Round {
 public:
  explicit PairRound(const RoundPlan& plan, const Traits& traits)
      : plan_(plan),
        capacity_(traits.bounded ? traits.actual_capacity(asked_capacity(plan, traits)) : 0),
        peers_log_(plan) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"producer", 1}, {"consumer", 1}}; }
  [[nodiscard]] std::uint64_t capacity() const override { return capacity_; }

  /// What was in the channel, and in the hands of the peer, when the round was stopped went with them: pops under way, not losses.
  void settle(ThreadLog& log) override {
    ending_ = peer_->wait();
    if (!cut_short_ || plan_.probe != ProbeKind::history) return;
    for (std::uint64_t i = 0; i < plan_.work; ++i) {
      log.operations.push_back({0, 0, 0, 2, 0, Action::pop, Outcome::pending});
    }
  }

  [[nodiscard]] Verdict check() const override {
    if (died_) {
      return {Result::fail, "crash", "process", "the other process ended too early, by " + ending_.text()};
    }
    if (cut_short_) return {Result::fail, "hang", "watchdog", "the processes waited for what never came"};
    return queue::compare(sent_, arrived_);
  }

 protected:
  /// Forks; see Peer. Called by the constructor, when all that the body needs is there.
  template <class Body>
  void fork_peer(const Body& body) {
    peer_.emplace(body);
  }

  /// Thread 1.
  void stand_for_peer(ThreadLog& log) {
    peers_log_.disturb_with(log.disturbance);
    peer_->start();
    if (!peer_->await_done(*plan_.stop)) {
      cut_short_ = true;
      died_ = !plan_.stop->raised();
      peer_->kill();
    }
    peers_log_.copy_to(log);
  }

  RoundPlan plan_;
  std::uint64_t capacity_;
  SharedLog peers_log_;
  Tally sent_, arrived_;

 private:
  bool cut_short_ = false, died_ = false;
  spawn::Ending ending_;
  std::optional<Peer> peer_;
};

}  // namespace racetrack::ipc
