// round_trip: one item goes to the other process and back before the next one is sent.
//
//   this process --> [requests] --> peer
//        \<--------- [replies] <------/            metric: ns per trip
#pragma once

#include <optional>

#include <racetrack/ipc/pair_round.hpp>

namespace racetrack::ipc {

/// The round of `round_trip`.
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
      drive_peer(log);
      arrived_ = peers_log_.tally();
      log.work_done = arrived_.items;
      return;
    }
    Probe probe(log, plan_, thread);
    sent_ = ask(probe, log);
  }

 private:
  RACETRACK_HOT Tally ask(Probe& probe, ThreadLog& log) {
    Tally tally;
    Histogram& trips = log.latencies[0];
    std::uint64_t trip = 0;
    for (const std::uint64_t work = plan_.work; trip < work; ++trip) {
      const Item request(queue::value_of(0, trip));
      Item reply;
      const Ticks sent = ticks_before();
      if (!push_one(out_->port, request, probe, 0) || !pop_one(in_->port, reply, probe, 1)) {
        tally.stopped = true;
        break;
      }
      if constexpr (Probe::kKind == ProbeKind::throughput) trips.record(ticks_after() - sent);
      tally.sum += request.value();
      tally.torn += reply.value() == request.value() && reply.intact() ? 0 : 1;
    }
    tally.items = trip;
    return queue::copy_of(tally);
  }

  template <class In, class Out, class AnyProbe>
  RACETRACK_HOT Tally answer(In& in, Out& out, AnyProbe& probe) {
    Tally tally;
    std::uint64_t trip = 0;
    for (const std::uint64_t work = plan_.work; trip < work; ++trip) {
      Item request;
      if (!pop_one(in, request, probe, 0) || !push_one(out, request, probe, 1)) {
        tally.stopped = true;
        break;
      }
      tally.sum += request.value();
    }
    tally.items = trip;
    return queue::copy_of(tally);
  }

  Channel requests_, replies_;
  std::optional<ProducerPort<Channel>> out_;
  std::optional<ConsumerPort<Channel>> in_;
};

}  // namespace racetrack::ipc
