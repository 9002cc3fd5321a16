// round_trip: one item goes there and back, and only then the next: a dependency chain, so that latency is seen and no
// throughput hides it.
//
//   producer --> [requests] --> consumer
//        \<----- [replies] <-----/            metric: ns per trip
#pragma once

#include <racetrack/queue/round.hpp>

namespace racetrack::queue {

template <class Queue, class Carried, class Probe>
class RoundTrip final : public QueueRound<Queue, Carried> {
  using Base = QueueRound<Queue, Carried>;
  using Base::plan_, Base::queue_, Base::shape_, Base::sources_;

 public:
  RoundTrip(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, [&](std::size_t) { return plan.work; }), replies_(shape_.asked) {}

  void run(std::size_t thread, ThreadLog& log) override {
    with_wait<Queue, Carried>(shape_.wait, [&](auto block) {
      Probe probe(log, plan_, thread);
      if (thread == 0) {
        this->keep(thread, ask<block>(probe, log), log);
      } else {
        this->keep(thread, answer<block>(probe), log);
      }
    });
  }

  /// A stopped round may leave a reply behind; it is not lost.
  void settle(ThreadLog& log) override {
    Base::settle(log);
    if constexpr (TriesItems<Queue, Carried>) {
      if (plan_.probe != ProbeKind::history) return;
      with_consumer_port(replies_, [&](auto& port) {
        Carried carried;
        for (std::uint64_t left = plan_.work + 1; left != 0 && port.try_pop(carried); --left) {
          const Ticks now = plan_.stamped ? ticks_visible() : 0;
          const auto thread = static_cast<std::uint32_t>(shape_.producers + shape_.consumers);
          log.operations.push_back({item_of(carried).value(), now, now, thread, 1, Action::pop, Outcome::ok});
        }
      });
    }
  }

 private:
  template <bool kBlock, class ProbeOrNone>
  Tally ask(ProbeOrNone& probe, ThreadLog& log) {
    return with_producer_port(queue_, [&](auto& out) {
      return with_consumer_port(replies_, [&](auto& in) {
        Tally tally;
        Waiter waiter = this->waiter();
        for (std::uint64_t trip = 0; trip < plan_.work; ++trip) {
          const Carried request = sources_[0].make(trip);
          const std::uint64_t value = item_of(request).value();
          const Ticks sent = ticks_before();
          if (!push_one<kBlock>(out, request, probe, waiter, tally.failed, 0)) {
            tally.stopped = true;
            break;
          }
          // Sent, whether or not its reply comes before the round is stopped.
          tally.sum += value;
          ++tally.items;
          Carried reply;
          if (!pop_one<kBlock>(in, reply, probe, waiter, tally.failed, 1)) {
            tally.stopped = true;
            break;
          }
          if (plan_.probe == ProbeKind::throughput) log.latencies[0].record(ticks_after() - sent);
          tally.torn += item_of(reply).value() == value && item_of(reply).intact() ? 0 : 1;
        }
        return tally;
      });
    });
  }

  template <bool kBlock, class ProbeOrNone>
  Tally answer(ProbeOrNone& probe) {
    return with_consumer_port(queue_, [&](auto& in) {
      return with_producer_port(replies_, [&](auto& out) {
        Tally tally;
        Waiter waiter = this->waiter();
        for (std::uint64_t trip = 0; trip < plan_.work; ++trip) {
          Carried request;
          if (!pop_one<kBlock>(in, request, probe, waiter, tally.failed, 0)) {
            tally.stopped = true;
            break;
          }
          tally.sum += item_of(request).value();
          ++tally.items;
          if (!push_one<kBlock>(out, request, probe, waiter, tally.failed, 1)) {
            tally.stopped = true;
            break;
          }
        }
        return tally;
      });
    });
  }

  Queue replies_;
};

}  // namespace racetrack::queue
