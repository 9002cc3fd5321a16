// A queue of tickets, as oneTBB's concurrent_queue is inside, shared by threads that put an item in before they take one out. So nobody
// can find it empty: more would have been taken out than put in.
//
//   relaxed_head   try_pop reads the count of those taken and then the count of those put in, both relaxed (oneTBB before pull request
//                  782). Nothing orders the two looks, so a new count of the first may meet an old one of the second.
//   acquired_head  clean: who sees that an item was taken sees all that were put in before.
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

template <std::memory_order kLookAtHead>
class OwnItem {
 public:
  static constexpr std::size_t kThreads = 2;

  void step(std::size_t thread) {
    push(thread + 1);
    if (!try_pop()) found_empty_.fetch_add(1, std::memory_order_relaxed);  // read when all have joined
  }

  [[nodiscard]] racetrack::Verdict check() const {
    const std::uint64_t times = found_empty_;
    if (times == 0) return {};
    return {racetrack::Result::fail, "false_empty", "oracle.count",
            std::to_string(times) +
                " times a thread found the queue empty, into which each had put more than all had taken"};
  }

 private:
  void push(std::uint64_t item) {
    const std::uint64_t ticket = tail_.fetch_add(1);
    items_[ticket].store(item, std::memory_order_release);  // to the acquire in try_pop
  }
  bool try_pop() {
    // acquire: with the compare-exchange of who took the ticket before; its look at tail, and its own push, come before ours.
    std::uint64_t ticket = head_.load(kLookAtHead);
    do {
      // relaxed: ordered by the load above, when that is acquire.
      if (tail_.load(std::memory_order_relaxed) <= ticket) return false;
    } while (!head_.compare_exchange_strong(ticket, ticket + 1, std::memory_order_seq_cst, kLookAtHead));
    while (items_[ticket].load(std::memory_order_acquire) == 0) std::this_thread::yield();  // with the release in push
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
       {.detector = "oracle.count", .kind = "false_empty", .grade = racetrack::Grade::may}},  // elsewhere than on x86
      racetrack::Standing::control);
  registry.add<Family, OwnItem<std::memory_order_acquire>>("acquired_head", traits);
}
