// paced: producers send at a fixed rate, whether or not the queue keeps up (open loop). Latency counts from the
// intended time of sending, so that a stall is charged to every item that it delays (no coordinated omission).
//
//   producer @ rate/P --> [queue] --> consumer       metric: ns from intended send to arrival
#pragma once

#include <atomic>
#include <vector>

#include <racetrack/queue/round.hpp>

namespace racetrack::queue {

/// The round of `paced`.
template <class Queue, class Carried, class Probe>
class Paced final : public QueueRound<Queue, Carried> {
  using Base = QueueRound<Queue, Carried>;
  using Base::plan_, Base::queue_, Base::shape_, Base::sources_;

 public:
  Paced(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, [&](std::size_t p) { return Shape(plan, traits).share_of(p, plan.work); }),
        claims_(plan.work, shape_.consumers),
        interval_(plan.clock.ticks_of(1e9 * static_cast<double>(shape_.producers) /
                                      static_cast<double>(plan.params.number("rate_per_s", 100'000)))),
        epochs_(shape_.producers) {}

  void run(std::size_t thread, ThreadLog& log) override {
    with_wait<Queue, Carried>(shape_.wait, [&](auto block) {
      Probe probe(log, plan_, thread);
      if (thread < shape_.producers) {
        this->keep(thread, with_producer_port(queue_, [&](auto& port) { return send<block>(thread, port, probe); }),
                   log);
      } else {
        this->keep(thread,
                   with_consumer_port(
                       queue_,
                       [&](auto& port) {
                         return consume<block, Carried>(port, probe, claims_, this->waiter(), [&](const auto& item) {
                           if (plan_.probe != ProbeKind::throughput) return;
                           const Ticks now = ticks_after();
                           const Ticks due = due_at(producer_of(item.value()), sequence_of(item.value()));
                           log.latencies[0].record(now > due ? now - due : 0);
                         });
                       }),
                   log);
      }
    });
  }

 private:
  struct alignas(kApart) Epoch {
    // Relaxed: a value for statistics. The consumer reads it after it has popped an item of this producer, and the
    // queue's own ordering makes it visible. If the queue is broken, a stale 0 shows as an absurd latency.
    std::atomic<Ticks> start{0};
  };

  template <bool kBlock, class Port>
  RACETRACK_HOT Tally send(std::size_t producer, Port& port, Probe& probe) {
    Tally tally;
    Waiter waiter = this->waiter();
    auto maker = sources_[producer].maker(0);
    const std::uint64_t count = shape_.share_of(producer, plan_.work);
    // The producers' send times are spread over an interval.
    Ticks due = ticks() + interval_ + interval_ * producer / shape_.producers;
    epochs_[producer].start.store(due, std::memory_order_relaxed);
    std::uint64_t sequence = 0;
    for (const Ticks interval = interval_; sequence < count; ++sequence, due += interval, maker.advance()) {
      while (ticks() < due) {  // the explorer takes no loop that reads the clock for a hang
        if (!waiter.pause()) break;
      }
      const Carried carried = maker.make();
      const std::uint64_t value = item_of(carried).value();
      if (!push_one<kBlock>(port, carried, probe, waiter, tally.failed)) {
        tally.stopped = true;
        break;
      }
      tally.sum += value;
    }
    tally.items = sequence;
    return copy_of(tally);
  }

  [[nodiscard]] Ticks due_at(std::size_t producer, std::uint64_t sequence) const noexcept {
    return epochs_[producer].start.load(std::memory_order_relaxed) + interval_ * sequence;
  }

  Claims claims_;
  Ticks interval_;
  std::vector<Epoch> epochs_;
};

}  // namespace racetrack::queue
