// transfer: one process sends a fixed number of items to another.
//
//   this process (producer) --> [channel] --> peer (consumer)      metric: items that arrived per second
#pragma once

#include <optional>

#include <racetrack/ipc/pair_round.hpp>

namespace racetrack::ipc {

/// The round of `transfer`.
template <class Channel, class Item, class Probe>
class Transfer final : public PairRound {
 public:
  Transfer(const RoundPlan& plan, const Traits& traits)
      : PairRound(plan, traits), channel_(static_cast<std::size_t>(asked_capacity(plan, traits))) {
    fork_peer([this](auto&& gate) {
      ConsumerPort<Channel> in(channel_);
      with_peer_probe<Probe>(peers_log_, plan_, 1, [&](auto& probe) {
        gate();
        peers_log_.keep(consume<Item>(in.port, probe, plan_.work));
      });
    });
    out_.emplace(channel_);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    if (thread == 1) {
      drive_peer(log);
      arrived_ = peers_log_.tally();
      log.work_done = arrived_.items;
      return;
    }
    Probe probe(log, plan_, thread);
    sent_ = produce<Item>(out_->port, probe, plan_.work);
  }

 private:
  Channel channel_;
  std::optional<ProducerPort<Channel>> out_;
};

}  // namespace racetrack::ipc
