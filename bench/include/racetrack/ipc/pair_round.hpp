// Base of the rounds of two processes. The parent's role runs on thread 0. Thread 1 represents the peer process: it
// assigns its own processor to the peer, starts it, sleeps until it is done, and copies its results. The peer is
// forked, and the handles are created, before the round: the time of a round includes waking the peer and waking thread
// 1, but not the fork.
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

/// Returns the capacity to construct a channel with; 0: unbounded.
inline std::uint64_t asked_capacity(const RoundPlan& plan, const Traits& traits) noexcept {
  return traits.bounded ? plan.params.number("capacity", 1024) : 0;
}

/// Holds a producer's handle, which need not be movable.
template <class Channel>
struct ProducerPort {
  explicit ProducerPort(Channel& channel) : port(channel.producer()) {}
  ProducerOf<Channel> port;
};
/// Holds a consumer's handle, which need not be movable.
template <class Channel>
struct ConsumerPort {
  explicit ConsumerPort(Channel& channel) : port(channel.consumer()) {}
  ConsumerOf<Channel> port;
};

/// A round of a producer in this process and a consumer in a peer process.
class PairRound : public Round {
 public:
  explicit PairRound(const RoundPlan& plan, const Traits& traits)
      : plan_(plan),
        capacity_(traits.bounded ? traits.actual_capacity(asked_capacity(plan, traits)) : 0),
        peers_log_(plan) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"producer", 1}, {"consumer", 1}}; }
  [[nodiscard]] std::uint64_t capacity() const override { return capacity_; }

  /// Waits for the peer to end. When the round was stopped, the items in the channel and in the peer are gone: they are
  /// recorded as pending pops, so that they do not count as losses.
  void settle(ThreadLog& log) override {
    ending_ = peer_->wait();
    if (!cut_short_ || plan_.probe != ProbeKind::history) return;
    for (std::uint64_t i = 0; i < plan_.work; ++i) {
      log.operations.push_back({0, 0, 0, 2, 0, Action::pop, Outcome::pending});
    }
  }

  [[nodiscard]] Verdict check() const override {
    if (died_) {
      return {Result::fail, "crash", "process", "the other process ended too early, with " + ending_.text()};
    }
    if (cut_short_) return {Result::fail, "hang", "watchdog", "the processes did not finish"};
    return queue::compare(sent_, arrived_);
  }

 protected:
  /// Forks the peer; see Peer. The constructor of a workload calls it after it has created everything that `body` uses.
  template <class Body>
  void fork_peer(const Body& body) {
    peer_.emplace(body);
  }

  /// Runs the peer as the role of thread 1: starts it, waits for it, kills it when the round is stopped, and copies its
  /// operations.
  void drive_peer(ThreadLog& log) {
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
