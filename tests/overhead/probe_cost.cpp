// The bodies that the harness times, beside the same loop written by hand. Counted by callgrind:
//
//   probe_cost roles|by_hand|latency ITEMS      one thread produces ITEMS items, then consumes them
//   probe_cost pair CHUNKS                      a line per chunk: ns of one begin() and end() of the latency probe
//   probe_cost delivery PAIRS                   a line per pair: ns per item under the throughput and the latency probe
//
// "The same loop" is what a careful benchmark of a queue does and no less: it makes each item from its number, tries again
// while the queue says full or empty, gives up when it is told to, counts failed tries, and sums the items' values on
// both sides, so that a lost item shows. It ends where its count ends. What the harness adds to that, and what is counted
// here as its cost: the probe, the claims by which consumers share the items, the tally, the check of each item.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <racetrack/probe.hpp>
#include <racetrack/queue/roles.hpp>

#include "load/calibration.hpp"
#include "scenarios/queue/vyukov.hpp"

namespace {

using namespace racetrack;
using Item = queue::Item<8>;
using Subject = VyukovQueue<Item>;

/// The same for every amount, so that making the queue costs the same and falls out of the difference of two amounts.
constexpr std::size_t kCapacity = std::size_t{1} << 18;

struct Sums {
  std::uint64_t sent = 0, arrived = 0;
};

/// The loops of the harness. Not inlined into main, as a role is not inlined into its thread.
template <class Probe>
[[gnu::noinline]] Sums by_roles(Subject& subject, std::uint64_t items, ThreadLog& log, const RoundPlan& plan) {
  Probe probe(log, plan, 0);
  queue::Source<Item> source(0, items);
  queue::Claims claims(items, 1);
  const Waiter waiter(Wait::spin, *plan.stop);
  const queue::Tally sent = queue::produce<false>(subject, probe, source, 0, items, waiter);
  const queue::Tally arrived = queue::consume<false, Item>(subject, probe, claims, waiter, [](const auto&) {});
  log.work_done = arrived.items;
  log.counts[queue::kFailedPush] += sent.failed;
  log.counts[queue::kFailedPop] += arrived.failed;
  return {sent.sum, arrived.sum};
}

[[gnu::noinline]] Sums by_hand(Subject& subject, std::uint64_t items, ThreadLog& log, const StopFlag& stop) {
  Sums sums;
  std::uint64_t failed_push = 0, failed_pop = 0;
  for (std::uint64_t i = 0; i < items; ++i) {
    const Item item(queue::value_of(0, i));
    while (!subject.try_push(item)) {
      ++failed_push;
      relax_cpu();
      if (stop.raised()) return sums;
    }
    sums.sent += item.value();
  }
  for (std::uint64_t left = items; left != 0; --left) {
    Item item;
    while (!subject.try_pop(item)) {
      ++failed_pop;
      relax_cpu();
      if (stop.raised()) return sums;
    }
    sums.arrived += item.value();
  }
  log.work_done = items;
  log.counts[queue::kFailedPush] += failed_push;
  log.counts[queue::kFailedPop] += failed_pop;
  return sums;
}

void check(const Sums& sums) {
  if (sums.sent != sums.arrived) throw std::runtime_error("the sums of what was sent and what arrived differ");
}

double ns_per_item(Ticks begun, std::uint64_t items, const Clock& clock) {
  return clock.ns(ticks_after() - begun) / static_cast<double>(items);
}

/// One line per chunk: ns of one begin() and end() with nothing between them.
void time_empty_pairs(ThreadLog& log, RoundPlan& plan, std::uint64_t chunks) {
  constexpr std::uint64_t kPairs = 1000;  // some 40 us: most chunks are not interrupted
  plan.clock = load::calibrate();
  LatencyProbe probe(log, plan, 0);
  for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
    const Ticks begun = ticks_before();
    for (std::uint64_t i = 0; i < kPairs; ++i) {
      probe.begin();
      probe.end(Action::push, i, Outcome::ok);
    }
    std::printf("%.3f\n", ns_per_item(begun, kPairs, plan.clock));
  }
}

/// One line per pair: ns per item (a push and a pop) under the throughput probe, and under the latency probe.
void time_delivery(Subject& subject, ThreadLog& log, RoundPlan& plan, std::uint64_t pairs) {
  constexpr std::uint64_t kItems = 1000;
  plan.clock = load::calibrate();
  check(by_roles<ThroughputProbe>(subject, kItems, log, plan));  // touches the memory
  for (std::uint64_t pair = 0; pair < pairs; ++pair) {
    const Ticks without = ticks_before();
    check(by_roles<ThroughputProbe>(subject, kItems, log, plan));
    const double bare = ns_per_item(without, kItems, plan.clock);
    const Ticks with = ticks_before();
    check(by_roles<LatencyProbe>(subject, kItems, log, plan));
    std::printf("%.3f %.3f\n", bare, ns_per_item(with, kItems, plan.clock));
  }
}

int run(std::string_view mode, std::uint64_t amount) {
  const StopFlag stop;
  RoundPlan plan;
  plan.stop = &stop;
  ThreadLog log;
  log.counts.resize(queue::kCounters);
  log.latencies.resize(2);
  if (mode == "pair") {
    time_empty_pairs(log, plan, amount);
    return 0;
  }
  if (amount > kCapacity) throw std::invalid_argument("more items than the queue holds");
  Subject subject(kCapacity);
  if (mode == "delivery") {
    time_delivery(subject, log, plan, amount);
    return 0;
  }
  if (mode == "roles") {
    check(by_roles<ThroughputProbe>(subject, amount, log, plan));
  } else if (mode == "latency") {
    check(by_roles<LatencyProbe>(subject, amount, log, plan));
  } else if (mode == "by_hand") {
    check(by_hand(subject, amount, log, stop));
  } else {
    throw std::invalid_argument("unknown mode");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::atoll(argv[2]) <= 0) {
    std::fprintf(stderr, "usage: probe_cost roles|by_hand|latency|pair|delivery AMOUNT\n");
    return 2;
  }
  try {
    return run(argv[1], static_cast<std::uint64_t>(std::atoll(argv[2])));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "probe_cost: %s\n", error.what());
    return 70;
  }
}
