// shutdown: the lecture's program. Workers pop items from a small queue until they receive a sentinel (None); there is
// one sentinel per worker.
//
//   producer --> [1 2 3 ... S S] --> consumer 0 (until S)
//                                \-> consumer 1 (until S)      metric: ns from the first sentinel to the last worker's
//                                                              end
//
// In a FIFO queue, the last producer to finish sends the sentinels, and no items follow them. In other queues, a
// sentinel may overtake items. A consumer that has popped a sentinel then drains the rest (all pushes happened before
// the sentinel's) and pushes surplus sentinels back.
#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include <racetrack/queue/round.hpp>

namespace racetrack::queue {

/// The round of `shutdown`.
template <class Queue, class Carried, class Probe>
class Shutdown final : public QueueRound<Queue, Carried> {
  using Base = QueueRound<Queue, Carried>;
  using Base::plan_, Base::queue_, Base::shape_, Base::sources_;

 public:
  Shutdown(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, [&](std::size_t p) { return Shape(plan, traits).share_of(p, plan.work); }),
        overtaking_(traits.order != Order::fifo),
        ends_(shape_.producers + shape_.consumers) {}

  void run(std::size_t thread, ThreadLog& log) override {
    with_wait<Queue, Carried>(shape_.wait, [&](auto block) {
      Probe probe(log, plan_, thread);
      if (thread < shape_.producers) {
        this->keep(thread, with_producer_port(queue_, [&](auto& port) { return send<block>(thread, port, probe); }),
                   log);
      } else {
        this->keep(thread, with_consumer_port(queue_, [&](auto& port) { return work<block>(thread, port, probe); }),
                   log);
        ends_[thread].at = ticks_after();
      }
    });
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    Ticks first = ~Ticks{0}, last = 0;
    for (std::size_t t = 0; t < ends_.size(); ++t) {
      if (t < shape_.producers) {
        if (ends_[t].at != 0) first = std::min(first, ends_[t].at);
      } else {
        last = std::max(last, ends_[t].at);
      }
    }
    if (last <= first) return {};
    return {{"shutdown_ns", plan_.clock.ns(last - first)}};
  }

 private:
  /// Producer: the time when it began to send sentinels (0: another producer did). Consumer: the time when it ended.
  struct alignas(kApart) Moment {
    Ticks at = 0;
  };

  template <bool kBlock, class Port>
  Tally send(std::size_t thread, Port& port, Probe& probe) {
    const std::uint64_t count = shape_.share_of(thread, plan_.work);
    Tally tally = produce<kBlock>(port, probe, sources_[thread], 0, count, this->waiter());
    // acq_rel: the pushes of all producers happen before the sentinels of the last one. This is the workload's own
    // join.
    if (finished_.fetch_add(1, std::memory_order_acq_rel) + 1 != shape_.producers) return tally;
    ends_[thread].at = ticks_before();
    Waiter waiter = this->waiter();
    for (std::size_t c = 0; c < shape_.consumers && !tally.stopped; ++c) {
      tally.stopped = !push_one<kBlock>(port, sources_[thread].sentinel(c), no_probe_, waiter, tally.failed);
    }
    return tally;
  }

  template <bool kBlock, class Port>
  Tally work(std::size_t /*thread*/, Port& port, Probe& probe) {
    Tally tally = work_until_sentinel<kBlock>(port, probe);
    if constexpr (TriesPop<Port, Carried>) {
      if (overtaking_ && !tally.stopped) drain(port, probe, tally);
    }
    return tally;
  }

  /// Pops items until a sentinel. Sentinels are neither counted nor recorded by the probe.
  template <bool kBlock, class Port>
  RACETRACK_HOT Tally work_until_sentinel(Port& port, Probe& probe) {
    Tally tally;
    const Waiter waiter = this->waiter();
    SentinelFilter filter{probe};
    Carried carried{};
    for (;;) {
      if (!pop_one<kBlock>(port, carried, filter, waiter, tally.failed)) {
        tally.stopped = true;
        break;
      }
      if (item_of(carried).value() == kSentinel) break;
      count(item_of(carried), tally);
    }
    return copy_of(tally);
  }

  template <class Port>
  void drain(Port& port, Probe& probe, Tally& tally) {
    std::vector<Carried> sentinels;
    Carried carried{};
    SentinelFilter filter{probe};
    for (;;) {
      filter.begin("try_pop");
      if (!port.try_pop(carried)) break;
      const auto& item = item_of(carried);
      filter.end(Action::pop, item.value(), item.intact() ? Outcome::ok : Outcome::torn, 0);
      if (item.value() == kSentinel) {
        sentinels.push_back(carried);
      } else {
        count(item, tally);
      }
    }
    Waiter waiter = this->waiter();
    give_back(sentinels, waiter, tally);
  }

  void give_back(const std::vector<Carried>& sentinels, Waiter& waiter, Tally& tally) {
    if (sentinels.empty()) return;
    with_producer_port(queue_, [&](auto& port) {
      for (const Carried& sentinel : sentinels) {
        tally.stopped |= !push_one<false>(port, sentinel, no_probe_, waiter, tally.failed);
      }
    });
  }

  template <class ItemType>
  static void count(const ItemType& item, Tally& tally) noexcept {
    tally.sum += item.value();
    tally.torn += item.intact() ? 0 : 1;
    ++tally.items;
  }

  struct SentinelFilter {
    Probe& probe;
    void begin(const char* operation) noexcept { probe.begin(operation); }
    void end(Action action, std::uint64_t value, Outcome outcome, std::uint16_t object) {
      if (value != kSentinel) probe.end(action, value, outcome, object);
    }
  };
  struct NoProbe {
    void begin(const char* /*operation*/) noexcept {}
    void end(Action, std::uint64_t, Outcome, std::uint16_t) noexcept {}
  };

  bool overtaking_;
  NoProbe no_probe_{};
  std::vector<Moment> ends_;
  alignas(kApart) std::atomic<std::size_t> finished_{0};
};

}  // namespace racetrack::queue
