// burst: producers fill the queue while consumers wait, then consumers drain it while producers wait, repeatedly.
//
//   | fill: P producers | drain: C consumers | fill ...      metrics: ns per item of either phase
//
// A barrier of the harness separates the phases and orders every push before every pop. A detector cannot find races
// between pushes and pops in this workload.
#pragma once

#include <algorithm>
#include <vector>

#include <racetrack/barrier.hpp>
#include <racetrack/queue/round.hpp>

namespace racetrack::queue {

/// The round of `burst`.
template <class Queue, class Carried, class Probe>
class Burst final : public QueueRound<Queue, Carried> {
  using Base = QueueRound<Queue, Carried>;
  using Base::plan_, Base::queue_, Base::shape_, Base::sources_;

 public:
  /// Items per burst of an unbounded queue.
  static constexpr std::uint64_t kUnboundedBurst = 1024;

  Burst(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, [&](std::size_t) { return Shape(plan, traits).asked + kUnboundedBurst; }),
        size_(shape_.asked != 0 ? shape_.asked : std::clamp<std::uint64_t>(plan.work, 1, kUnboundedBurst)),
        bursts_(std::max<std::uint64_t>(1, plan.work / size_)),
        barrier_(shape_.producers + shape_.consumers, true),
        phases_(shape_.producers + shape_.consumers, std::vector<Phase>(bursts_)) {}

  void run(std::size_t thread, ThreadLog& log) override {
    with_wait<Queue, Carried>(shape_.wait, [&](auto block) {
      Probe probe(log, plan_, thread);
      if (thread < shape_.producers) {
        this->keep(thread, with_producer_port(queue_, [&](auto& port) { return fill<block>(thread, port, probe); }),
                   log);
      } else {
        this->keep(thread, with_consumer_port(queue_, [&](auto& port) { return drain<block>(thread, port, probe); }),
                   log);
      }
    });
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    return {{"fill_ns_per_item", ns_per_item(0, shape_.producers)},
            {"drain_ns_per_item", ns_per_item(shape_.producers, phases_.size())}};
  }

 private:
  struct Phase {
    Ticks begin = 0, end = 0;
  };

  template <bool kBlock, class Port>
  Tally fill(std::size_t thread, Port& port, Probe& probe) {
    Tally total;
    const std::uint64_t share = shape_.share_of(thread, size_);
    for (std::uint64_t burst = 0; burst < bursts_; ++burst) {
      barrier_.arrive_and_wait();
      if (!total.stopped) {
        phases_[thread][burst].begin = ticks_before();
        // Sequence numbers continue from burst to burst. A source of pointers writes its items anew in each burst.
        add(total, produce_burst<kBlock>(thread, port, probe, burst, share));
        phases_[thread][burst].end = ticks_after();
      }
      barrier_.arrive_and_wait();
    }
    return total;
  }

  template <bool kBlock, class Port>
  Tally produce_burst(std::size_t thread, Port& port, Probe& probe, std::uint64_t burst, std::uint64_t share) {
    if constexpr (std::is_pointer_v<Carried>) {
      return produce_again<kBlock>(thread, port, probe, burst, share);
    } else {
      return produce<kBlock>(port, probe, sources_[thread], burst * share, share, this->waiter());
    }
  }

  /// Like produce(), for pointers: the items are written anew in each burst.
  template <bool kBlock, class Port>
  RACETRACK_HOT Tally produce_again(std::size_t thread, Port& port, Probe& probe, std::uint64_t burst,
                                    std::uint64_t share) {
    Tally tally;
    const Waiter waiter = this->waiter();
    auto maker = sources_[thread].maker(0);
    maker.value = value_of(thread, burst * share);
    std::uint64_t i = 0;
    for (; i < share; ++i, maker.advance()) {
      const std::uint64_t value = maker.value;
      const Carried carried = maker.make();
      if (!push_one<kBlock>(port, carried, probe, waiter, tally.failed)) {
        tally.stopped = true;
        break;
      }
      tally.sum += value;
    }
    tally.items = i;
    return copy_of(tally);
  }

  template <bool kBlock, class Port>
  Tally drain(std::size_t thread, Port& port, Probe& probe) {
    Tally total;
    const std::size_t consumer = thread - shape_.producers;
    const std::uint64_t share = size_ / shape_.consumers + (consumer < size_ % shape_.consumers ? 1 : 0);
    for (std::uint64_t burst = 0; burst < bursts_; ++burst) {
      barrier_.arrive_and_wait();
      barrier_.arrive_and_wait();
      if (total.stopped) continue;
      phases_[thread][burst].begin = ticks_before();
      Claims claims(share, 1);
      add(total, consume<kBlock, Carried>(port, probe, claims, this->waiter(), [](const auto&) {}));
      phases_[thread][burst].end = ticks_after();
    }
    return total;
  }

  static void add(Tally& total, const Tally& part) noexcept {
    total.items += part.items;
    total.sum += part.sum;
    total.failed += part.failed;
    total.torn += part.torn;
    total.stopped |= part.stopped;
  }

  /// Returns the median over the bursts of (last end - first begin) / items, in nanoseconds.
  [[nodiscard]] double ns_per_item(std::size_t first_thread, std::size_t end_thread) const {
    std::vector<double> spans;
    for (std::uint64_t burst = 0; burst < bursts_; ++burst) {
      Ticks begin = ~Ticks{0}, end = 0;
      for (std::size_t t = first_thread; t < end_thread; ++t) {
        begin = std::min(begin, phases_[t][burst].begin);
        end = std::max(end, phases_[t][burst].end);
      }
      spans.push_back(plan_.clock.ns(end > begin ? end - begin : 0) / static_cast<double>(size_));
    }
    const auto middle = spans.begin() + static_cast<std::ptrdiff_t>(spans.size() / 2);
    std::nth_element(spans.begin(), middle, spans.end());
    return *middle;
  }

  std::uint64_t size_;
  std::uint64_t bursts_;
  SpinBarrier barrier_;
  std::vector<std::vector<Phase>> phases_;
};

}  // namespace racetrack::queue
