// A queue of tickets, built like oneTBB's concurrent_queue. Each thread puts one item in before it takes one out, so no
// thread may find the queue empty: more items would have been taken than put.
//
//   relaxed_head   try_pop loads the number of items taken, then the number of items put, both relaxed (oneTBB before
//                  pull request 782). Nothing orders the two loads, so a new value of the first can meet an old value
//                  of the second.
//   acquired_head  correct: a thread that sees an item taken sees all items that were put before.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include <racetrack/lock.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/plugin.hpp>

namespace {

constexpr std::uint64_t kMostSteps = 64;

template <std::memory_order kHeadLoad>
class OwnItem {
 public:
  static constexpr std::size_t kThreads = 2;

  void step(std::size_t thread) {
    push(thread + 1);
    if (!try_pop()) found_empty_.fetch_add(1, std::memory_order_relaxed);  // relaxed: read after the join
  }

  [[nodiscard]] racetrack::Verdict check() const {
    const std::uint64_t times = found_empty_;
    if (times == 0) return {};
    return {
        racetrack::Result::fail, "false_empty", "oracle.count",
        std::to_string(times) + " times a thread found the queue empty, although more items had been put than taken"};
  }

 private:
  void push(std::uint64_t item) {
    const std::uint64_t ticket = tail_.fetch_add(1);
    items_[ticket].store(item, std::memory_order_release);  // release: pairs with the acquire in try_pop
  }
  bool try_pop() {
    // acquire: pairs with the compare-exchange that took the ticket before. That thread's load of tail, and its own
    // push, then happen before our load of tail.
    std::uint64_t ticket = head_.load(kHeadLoad);
    do {
      // relaxed: the load above orders it when that load is an acquire.
      if (tail_.load(std::memory_order_relaxed) <= ticket) return false;
    } while (!head_.compare_exchange_strong(ticket, ticket + 1, std::memory_order_seq_cst, kHeadLoad));
    // acquire: pairs with the release in push.
    while (items_[ticket].load(std::memory_order_acquire) == 0) std::this_thread::yield();
    return true;
  }

  alignas(racetrack::kApart) std::atomic<std::uint64_t> head_{0};
  alignas(racetrack::kApart) std::atomic<std::uint64_t> tail_{0};
  std::array<std::atomic<std::uint64_t>, kMostSteps> items_{};
  std::atomic<std::uint64_t> found_empty_{0};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "own_item", .most_steps = kMostSteps};
  registry.add<Family, OwnItem<std::memory_order_relaxed>>(
      "relaxed_head", traits,
      {{.detector = "explorer.weak", .kind = "false_empty", .grade = racetrack::Grade::must},
       {.detector = "oracle.count", .kind = "false_empty", .grade = racetrack::Grade::may}},  // not on x86
      racetrack::Standing::control);
  registry.add<Family, OwnItem<std::memory_order_acquire>>("acquired_head", traits);
}
