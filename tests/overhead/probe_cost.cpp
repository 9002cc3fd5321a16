// Compares the role bodies that the harness times with the same loop written by hand, by callgrind's instruction
// counts:
//
//   probe_cost roles|by_hand|latency ITEMS [QUEUE]  one thread produces ITEMS items, then consumes them
//   probe_cost pair CHUNKS                          prints a line per chunk: ns of one begin() and end() of the latency
//                                                   probe
//   probe_cost delivery PAIRS [QUEUE]               prints a line per pair: ns per item under the throughput and the
//                                                   latency probe
//
// QUEUE: vyukov (the default), lamport, boost_spsc or moodycamel.
//
// The loop by hand does exactly the work of a careful queue benchmark. It makes each item from its number, retries
// after a pause or a yield while the queue reports full or empty, can be stopped, and counts failed attempts. It sums
// the items' values on both sides, so that a lost item shows. It ends when its count ends. The harness adds the
// following, whose cost is measured here: the probe, the claims by which consumers share the items, the tally, and the
// check of each item.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <thread>

#include <racetrack/probe.hpp>
#include <racetrack/queue/roles.hpp>

#include "load/calibration.hpp"
#include "scenarios/queue/lamport.hpp"
#include "scenarios/queue/vyukov.hpp"

#if __has_include(<boost/lockfree/spsc_queue.hpp>)
#include <boost/lockfree/spsc_queue.hpp>
#endif
#if __has_include(<concurrentqueue/concurrentqueue.h>)
#include <concurrentqueue/concurrentqueue.h>
#endif

namespace {

using namespace racetrack;
using Item = queue::Item<8>;
using Vyukov = VyukovQueue<Item>;
using Lamport = LamportQueue<Item>;

#if __has_include(<boost/lockfree/spsc_queue.hpp>)
struct BoostSpsc {
  explicit BoostSpsc(std::size_t capacity) : native(capacity) {}
  bool try_push(const Item& item) { return native.push(item); }
  bool try_pop(Item& item) { return native.pop(item); }
  boost::lockfree::spsc_queue<Item> native;
};
#endif
#if __has_include(<concurrentqueue/concurrentqueue.h>)
struct Moodycamel {
  explicit Moodycamel(std::size_t /*unbounded*/) {}
  bool try_push(const Item& item) { return native.enqueue(item); }
  bool try_pop(Item& item) { return native.try_dequeue(item); }
  moodycamel::ConcurrentQueue<Item> native;
};
#endif

/// The same for every amount, so that the cost of making the queue cancels out in the difference of two amounts.
constexpr std::size_t kCapacity = std::size_t{1} << 18;

struct Sums {
  std::uint64_t sent = 0, arrived = 0;
};

/// The loops of the harness. Not inlined into main, just as a role is not inlined into its thread.
template <class Probe, class Subject>
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

struct ByHand {
  std::uint64_t producer;
  bool yields;
  const StopFlag& stop;

  /// Waits once. Returns false when the round was stopped.
  [[nodiscard]] bool wait() const noexcept {
    yields ? std::this_thread::yield() : relax_cpu();
    return !stop.raised();
  }
};

template <class Subject>
RACETRACK_HOT std::uint64_t send_by_hand(Subject& subject, std::uint64_t items, ByHand how, std::uint64_t& failures) {
  std::uint64_t sum = 0, failed = 0;
  for (std::uint64_t i = 0; i < items; ++i) {
    const Item item(queue::value_of(how.producer, i));
    while (!subject.try_push(item)) {
      ++failed;
      if (!how.wait()) return sum;
    }
    sum += item.value();
  }
  failures += failed;
  return sum;
}

template <class Subject>
RACETRACK_HOT std::uint64_t receive_by_hand(Subject& subject, std::uint64_t items, ByHand how,
                                            std::uint64_t& failures) {
  std::uint64_t sum = 0, failed = 0;
  Item item{};
  for (std::uint64_t left = items; left != 0; --left) {
    while (!subject.try_pop(item)) {
      ++failed;
      if (!how.wait()) return sum;
    }
    sum += item.value();
  }
  failures += failed;
  return sum;
}

template <class Subject>
[[gnu::noinline]] Sums by_hand(Subject& subject, std::uint64_t items, ThreadLog& log, const StopFlag& stop) {
  const ByHand how{0, false, stop};
  Sums sums;
  sums.sent = send_by_hand(subject, items, how, log.counts[queue::kFailedPush]);
  sums.arrived = receive_by_hand(subject, items, how, log.counts[queue::kFailedPop]);
  log.work_done = items;
  return sums;
}

void check(const Sums& sums) {
  if (sums.sent != sums.arrived) throw std::runtime_error("the sums of the sent and the received items differ");
}

double ns_per_item(Ticks begun, std::uint64_t items, const Clock& clock) {
  return clock.ns(ticks_after() - begun) / static_cast<double>(items);
}

/// Prints one line per chunk: ns of one begin() and end() with nothing between them.
void time_empty_pairs(ThreadLog& log, RoundPlan& plan, std::uint64_t chunks) {
  constexpr std::uint64_t kPairs = 1000;  // some 40 us, so that most chunks are not interrupted
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

/// Prints one line per pair: ns per item (a push and a pop) under the throughput probe, and under the latency probe.
template <class Subject>
void time_delivery(Subject& subject, ThreadLog& log, RoundPlan& plan, std::uint64_t pairs) {
  constexpr std::uint64_t kItems = 1000;
  plan.clock = load::calibrate();
  check(by_roles<ThroughputProbe>(subject, kItems, log, plan));  // a warm-up that touches the memory
  for (std::uint64_t pair = 0; pair < pairs; ++pair) {
    const Ticks without = ticks_before();
    check(by_roles<ThroughputProbe>(subject, kItems, log, plan));
    const double bare = ns_per_item(without, kItems, plan.clock);
    const Ticks with = ticks_before();
    check(by_roles<LatencyProbe>(subject, kItems, log, plan));
    std::printf("%.3f %.3f\n", bare, ns_per_item(with, kItems, plan.clock));
  }
}

template <class Subject>
void run(std::string_view mode, std::uint64_t amount) {
  const StopFlag stop;
  RoundPlan plan;
  plan.stop = &stop;
  ThreadLog log;
  log.counts.resize(queue::kCounters);
  log.latencies.resize(2);
  if (mode == "pair") return time_empty_pairs(log, plan, amount);
  if (amount > kCapacity) throw std::invalid_argument("more items than the queue holds");
  Subject subject(kCapacity);
  if (mode == "delivery") return time_delivery(subject, log, plan, amount);
  if (mode == "roles") {
    check(by_roles<ThroughputProbe>(subject, amount, log, plan));
  } else if (mode == "latency") {
    check(by_roles<LatencyProbe>(subject, amount, log, plan));
  } else if (mode == "by_hand") {
    check(by_hand(subject, amount, log, stop));
  } else {
    throw std::invalid_argument("unknown mode");
  }
}

void run(std::string_view mode, std::uint64_t amount, std::string_view queue) {
  if (queue == "vyukov") return run<Vyukov>(mode, amount);
  if (queue == "lamport") return run<Lamport>(mode, amount);
#if __has_include(<boost/lockfree/spsc_queue.hpp>)
  if (queue == "boost_spsc") return run<BoostSpsc>(mode, amount);
#endif
#if __has_include(<concurrentqueue/concurrentqueue.h>)
  if (queue == "moodycamel") return run<Moodycamel>(mode, amount);
#endif
  throw std::invalid_argument("this build has no such queue");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4 || std::atoll(argv[2]) <= 0) {
    std::fprintf(stderr, "usage: probe_cost roles|by_hand|latency|pair|delivery AMOUNT [QUEUE]\n");
    return 2;
  }
  try {
    run(argv[1], static_cast<std::uint64_t>(std::atoll(argv[2])), argc == 4 ? argv[3] : "vyukov");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "probe_cost: %s\n", error.what());
    return 70;
  }
}
