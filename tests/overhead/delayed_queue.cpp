// Subjects of a known cost, to check that the harness measures the true cost: queues whose push takes 1000, 1100 and
// 1200 ns longer than that of Lamport's ring. No run includes them: only `make overhead` and `make evidence` load this
// plugin.
//
// Their push is so much slower than their pop that the consumer always waits. So in a transfer from one producer to one
// consumer the producer alone sets the pace, and 200 ns more per push are 200 ns more per item. With 300 and 500 ns
// this does not hold. With 300 ns the consumer, which yields in between, often finds the next item. With 500 ns it
// finds none and takes the cache line from the producer, which costs some 20 ns more.
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

/// Measured here instead of taken from the harness, so that an error of the harness's clock does not change the delay.
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

  bool try_push(const Item& item) noexcept {
    const Ticks begun = ticks();
    while (ticks() - begun < delay) {
    }
    return queue_.try_push(item);
  }
  bool try_pop(Item& item) noexcept { return queue_.try_pop(item); }

 private:
  LamportQueue<Item> queue_;
};

/// Adds the transfer of DelayedQueue under a name with its delay. All delays use one class, so they run the same
/// instructions.
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
