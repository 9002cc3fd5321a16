// Base of the rounds of all queue workloads: the queue, its parameters, the producers' items, the check.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <racetrack/queue/bounds.hpp>
#include <racetrack/queue/roles.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::queue {

/// The parameters of a queue case.
struct Shape {
  explicit Shape(const RoundPlan& plan, const Traits& traits)
      : producers(plan.params.number("producers", 1)),
        consumers(plan.params.number("consumers", 1)),
        asked(traits.bounded ? plan.params.number("capacity", 1024) : 0),
        actual(traits.bounded ? traits.actual_capacity(asked) : 0),
        wait(wait_of(plan.params.text("wait"))) {}

  std::size_t producers;
  std::size_t consumers;
  std::uint64_t asked;   ///< capacity; 0: unbounded
  std::uint64_t actual;  ///< capacity; 0: unbounded
  Wait wait;

  /// Returns the share of producer `producer` when `work` items are divided as equally as possible.
  [[nodiscard]] std::uint64_t share_of(std::size_t producer, std::uint64_t work) const noexcept {
    return work / producers + (producer < work % producers ? 1 : 0);
  }
};

/// Calls body(std::true_type) when the case waits by blocking, which needs push and pop. Otherwise calls
/// body(std::false_type), which needs try_push and try_pop. Throws std::invalid_argument when the queue lacks these
/// operations.
template <class Queue, class Carried, class Body>
void with_wait(Wait wait, Body&& body) {
  if constexpr (!BlocksWithItems<Queue, Carried>) {
    if (wait == Wait::block) throw std::invalid_argument("wait:block needs a queue with push and pop");
    body(std::false_type{});
  } else if constexpr (!TriesItems<Queue, Carried>) {
    if (wait != Wait::block) throw std::invalid_argument("only wait:block: the queue has no try_push and try_pop");
    body(std::true_type{});
  } else if (wait == Wait::block) {
    body(std::true_type{});
  } else {
    body(std::false_type{});
  }
}

/// The base class of all queue rounds.
template <class Queue, class Carried>
class QueueRound : public Round {
 public:
  /// items_of(producer) returns how many items the Source of that producer must provide.
  template <class ItemsOf>
  QueueRound(const RoundPlan& plan, const Traits& traits, ItemsOf&& items_of)
      : plan_(plan),
        shape_(plan, traits),
        queue_(static_cast<std::size_t>(shape_.asked)),
        // A queue that may report full spuriously must still accept the requested number of items when no other thread
        // interferes.
        bounds_{.least = traits.full == exact ? shape_.actual : shape_.asked,
                .most = shape_.actual,
                .in_order = traits.order != Order::none,
                .producer = shape_.producers} {
    for (std::size_t p = 0; p < shape_.producers; ++p) sources_.emplace_back(p, items_of(p));
    tallies_.resize(shape_.producers + shape_.consumers);
  }

  [[nodiscard]] std::vector<Role> roles() const override {
    return {{"producer", shape_.producers}, {"consumer", shape_.consumers}};
  }
  [[nodiscard]] std::uint64_t capacity() const override { return shape_.actual; }

  /// Pops the remaining items. An item found here was neither lost nor delivered.
  void settle(ThreadLog& log) override {
    if constexpr (TriesItems<Queue, Carried>) {
      with_consumer_port(queue_, [&](auto& port) {
        Carried carried{};
        while (port.try_pop(carried)) {
          const auto& item = item_of(carried);
          if (item.value() != kSentinel) leftover_.sum += item.value();
          if (item.value() != kSentinel) ++leftover_.items;
          if (plan_.probe == ProbeKind::history && item.value() != kSentinel) {
            const Ticks now = plan_.stamped ? ticks_visible() : 0;
            log.operations.push_back(
                {item.value(), now, now, static_cast<std::uint32_t>(tallies_.size()), 0, Action::pop, Outcome::ok});
          }
          if (leftover_.items > plan_.work * 2 + 1024) break;  // a queue that returns items without end
        }
      });
    }
  }

  [[nodiscard]] Verdict check() const override {
    Tally sent, arrived;
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
      Tally& side = i < shape_.producers ? sent : arrived;
      side.items += tallies_[i].items;
      side.sum += tallies_[i].sum;
      side.stopped |= tallies_[i].stopped;
      side.torn += tallies_[i].torn;
    }
    arrived.items += leftover_.items;
    arrived.sum += leftover_.sum;
    const Verdict verdict = compare(sent, arrived);
    return verdict.result == Result::pass ? probed_ : verdict;
  }

  void probe(ThreadLog& log) override {
    if (check().result == Result::pass) probed_ = BoundsProbe<Queue, Carried>(queue_, bounds_, log).run();
  }

 protected:
  /// Stores the sums of a role.
  void keep(std::size_t thread, const Tally& tally, ThreadLog& log) {
    tallies_[thread] = tally;
    const bool producer = thread < shape_.producers;
    log.work_done = producer ? 0 : tally.items;
    log.counts[producer ? kFailedPush : kFailedPop] += tally.failed;
    log.counts[kTorn] += tally.torn;
  }
  [[nodiscard]] Waiter waiter() const noexcept { return {shape_.wait, *plan_.stop}; }

  RoundPlan plan_;
  Shape shape_;
  /// Shares no cache line with other members, because threads write into the queue while other threads read those.
  alignas(kApart) Queue queue_;
  alignas(kApart) std::vector<Source<Carried>> sources_;

 private:
  std::vector<Tally> tallies_;
  Tally leftover_;
  Bounds bounds_;
  Verdict probed_;
};

}  // namespace racetrack::queue
