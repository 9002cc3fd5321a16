// round_trip: one item goes to the consumer and back before the next one is sent. This dependency chain exposes the
// latency, which throughput cannot hide.
//
//   producer --> [requests] --> consumer
//        \<----- [replies] <-----/            metric: ns per trip
#pragma once

#include <vector>

#include <racetrack/queue/round.hpp>

namespace racetrack::queue {

/// The round of `round_trip`.
template <class Queue, class Carried, class Probe>
class RoundTrip final : public QueueRound<Queue, Carried> {
  using Base = QueueRound<Queue, Carried>;
  using Base::plan_, Base::queue_, Base::shape_, Base::sources_;

 public:
  RoundTrip(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, [&](std::size_t) { return plan.work; }), replies_(shape_.asked) {
    if (plan.probe == ProbeKind::throughput) durations_.resize(plan.work);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    with_wait<Queue, Carried>(shape_.wait, [&](auto block) {
      Probe probe(log, plan_, thread);
      if (thread == 0) {
        this->keep(thread, ask<block>(probe), log);
      } else {
        this->keep(thread, answer<block>(probe), log);
      }
    });
  }

  /// Also pops replies that a stopped round left behind: they are not lost.
  void settle(ThreadLog& log) override {
    Base::settle(log);
    for (const Ticks duration : durations_) {
      if (duration != 0) log.latencies[0].record(duration);  // 0: the trip was not completed
    }
    if constexpr (TriesItems<Queue, Carried>) {
      if (plan_.probe != ProbeKind::history) return;
      with_consumer_port(replies_, [&](auto& port) {
        Carried carried{};
        for (std::uint64_t left = plan_.work + 1; left != 0 && port.try_pop(carried); --left) {
          const Ticks now = plan_.stamped ? ticks_visible() : 0;
          const auto thread = static_cast<std::uint32_t>(shape_.producers + shape_.consumers);
          log.operations.push_back({item_of(carried).value(), now, now, thread, 1, Action::pop, Outcome::ok});
        }
      });
    }
  }

 private:
  template <bool kBlock>
  Tally ask(Probe& probe) {
    return with_producer_port(queue_, [&](auto& out) {
      return with_consumer_port(replies_,
                                [&](auto& in) { return ask_through<kBlock>(out, in, probe, sources_[0].maker(0)); });
    });
  }

  template <bool kBlock, class Out, class In, class Maker>
  RACETRACK_HOT Tally ask_through(Out& out, In& in, Probe& probe, Maker maker) {
    Tally tally;
    const Waiter waiter = this->waiter();
    Carried reply{};
    Ticks* const durations = durations_.data();
    std::uint64_t trip = 0;
    // An item counts as sent even when the round is stopped before its reply.
    for (const std::uint64_t work = plan_.work; trip < work && !tally.stopped; ++trip, maker.advance()) {
      const Carried request = maker.make();
      const std::uint64_t value = item_of(request).value();
      const Ticks sent = ticks_before();
      if (!push_one<kBlock>(out, request, probe, waiter, tally.failed, 0)) {
        tally.stopped = true;
        break;
      }
      tally.sum += value;
      if (!pop_one<kBlock>(in, reply, probe, waiter, tally.failed, 1)) {
        tally.stopped = true;
        continue;
      }
      if constexpr (Probe::kKind == ProbeKind::throughput) durations[trip] = ticks_after() - sent;
      tally.torn += item_of(reply).value() == value && item_of(reply).intact() ? 0 : 1;
    }
    tally.items = trip;
    return copy_of(tally);
  }

  template <bool kBlock>
  Tally answer(Probe& probe) {
    return with_consumer_port(queue_, [&](auto& in) {
      return with_producer_port(replies_, [&](auto& out) { return answer_through<kBlock>(in, out, probe); });
    });
  }

  template <bool kBlock, class In, class Out>
  RACETRACK_HOT Tally answer_through(In& in, Out& out, Probe& probe) {
    Tally tally;
    const Waiter waiter = this->waiter();
    Carried request{};
    std::uint64_t trip = 0;
    for (const std::uint64_t work = plan_.work; trip < work && !tally.stopped; ++trip) {
      if (!pop_one<kBlock>(in, request, probe, waiter, tally.failed, 0)) {
        tally.stopped = true;
        break;
      }
      tally.sum += item_of(request).value();
      tally.stopped = !push_one<kBlock>(out, request, probe, waiter, tally.failed, 1);
    }
    tally.items = trip;
    return copy_of(tally);
  }

  alignas(kApart) Queue replies_;
  /// The duration of each trip, for the histogram after the round. The loop only stores it, because a spinning thread
  /// synchronises with the other one's rhythm: 10 ns of additional work between two trips changed the median trip
  /// through Vyukov's queue from 440 to 620 ns.
  alignas(kApart) std::vector<Ticks> durations_;
};

}  // namespace racetrack::queue
