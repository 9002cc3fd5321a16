// round_trip: one item goes to the other process and back, and only then the next.
//
//   this process --> [requests] --> its peer
//        \<--------- [replies] <------/            metric: ns per trip
#pragma once

#include <optional>

#include <racetrack/ipc/pair_round.hpp>

namespace racetrack::ipc {

template <class Channel, class Item, class Probe>
class RoundTrip final : public PairRound {
 public:
  RoundTrip(const RoundPlan& plan, const Traits& traits)
      : PairRound(plan, traits),
        requests_(static_cast<std::size_t>(asked_capacity(plan, traits))),
        replies_(static_cast<std::size_t>(asked_capacity(plan, traits))) {
    fork_peer([this](auto&& gate) {
      ConsumerPort<Channel> in(requests_);
      ProducerPort<Channel> out(replies_);
      with_peer_probe<Probe>(peers_log_, plan_, 1, [&](auto& probe) {
        gate();
        peers_log_.keep(answer(in.port, out.port, probe));
      });
    });
    out_.emplace(requests_);
    in_.emplace(replies_);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    if (thread == 1) {
      stand_for_peer(log);
      arrived_ = peers_log_.tally();
      log.work_done = arrived_.items;
      return;
    }
    Probe probe(log, plan_, thread);
    sent_ = ask(probe, log);
  }

 private:
  Tally ask(Probe& probe, ThreadLog& log) {
    Tally tally;
    for (std::uint64_t trip = 0; trip < plan_.work; ++trip) {
      const Item request(queue::value_of(0, trip));
      Item reply;
      const Ticks sent = ticks_before();
      if (!push_one(out_->port, request, probe, 0) || !pop_one(in_->port, reply, probe, 1)) {
        tally.stopped = true;
        break;
      }
      if (plan_.probe == ProbeKind::throughput) log.latencies[0].record(ticks_after() - sent);
      tally.sum += request.value();
      tally.torn += reply.value() == request.value() && reply.intact() ? 0 : 1;
      ++tally.items;
    }
    return tally;
  }

  template <class In, class Out, class AnyProbe>
  Tally answer(In& in, Out& out, AnyProbe& probe) {
    Tally tally;
    for (std::uint64_t trip = 0; trip < plan_.work; ++trip) {
      Item request;
      if (!pop_one(in, request, probe, 0) || !push_one(out, request, probe, 1)) {
        tally.stopped = true;
        break;
      }
      tally.sum += request.value();
      ++tally.items;
    }
    return tally;
  }

  Channel requests_, replies_;
  std::optional<ProducerPort<Channel>> out_;
  std::optional<ConsumerPort<Channel>> in_;
};

}  // namespace racetrack::ipc
