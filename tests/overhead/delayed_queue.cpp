// Subjects of a known price, to see whether the harness measures what is there: one queue whose push takes 1000 ns longer than
// Lamport's ring alone, and the same with 1100 ns and with 1200 ns. Not raced: only `make overhead` and `make evidence` load this plugin.
//
// Both are so much slower to push than to pop that the consumer has always come back and waits: in a transfer from one producer
// to one consumer the producer alone sets the pace, and 200 ns more per push are 200 ns more per item. With 300 and 500 ns this
// does not hold: in the first the consumer, which yields in between, often finds the next item there, in the second it
// looks in vain and takes the cache line from the producer, which costs some 20 ns more.
#include <chrono>
#include <thread>

#include <racetrack/clock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

#include "scenarios/queue/lamport.hpp"

namespace {

using namespace racetrack;

/// Set by the driving thread before a round's threads start.
Ticks delay = 0;

/// Measured here and not taken from the harness: were its clock wrong, the delay must not be wrong by as much.
double ticks_per_ns() {
  const auto at = [] { return std::pair{std::chrono::steady_clock::now(), ticks()}; };
  const auto [begin, begin_ticks] = at();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto [end, end_ticks] = at();
  const std::chrono::duration<double, std::nano> passed = end - begin;
  return static_cast<double>(end_ticks - begin_ticks) / passed.count();
}

template <class Item>
class DelayedQueue {
 public:
  explicit DelayedQueue(std::size_t capacity) : queue_(capacity) {}

  bool try_push(Item item) noexcept {
    const Ticks begun = ticks();
    while (ticks() - begun < delay) {
    }
    return queue_.try_push(item);
  }
  bool try_pop(Item& item) noexcept { return queue_.try_pop(item); }

 private:
  LamportQueue<Item> queue_;
};

/// The transfer of DelayedQueue under a name that says its delay. One class, so that both run the same instructions.
void add(Registry& registry, double ns, double per_ns) {
  Registry all;
  all.add<queue::Family, DelayedQueue>("delay_" + std::to_string(static_cast<int>(ns)) + "_ns",
                                       {.library = "racetrack",
                                        .producers = queue::single,
                                        .consumers = queue::single,
                                        .progress = queue::Traits{}.progress});
  for (Scenario scenario : all.scenarios()) {
    if (scenario.workload != "transfer") continue;
    scenario.make_round = [make = scenario.make_round, ns, per_ns](const RoundPlan& plan) {
      delay = static_cast<Ticks>(ns * per_ns);
      return make(plan);
    };
    registry.add(std::move(scenario));
  }
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  const double per_ns = ticks_per_ns();
  add(registry, 1000, per_ns);
  add(registry, 1100, per_ns);  // 10 % slower, for `make evidence`
  add(registry, 1200, per_ns);
}
