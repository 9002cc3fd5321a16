// The bodies of producers and consumers. All engines use the same bodies; the probe decides what is recorded.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>

#include <racetrack/explore_hooks.hpp>
#include <racetrack/history.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/queue/ports.hpp>
#include <racetrack/verdict.hpp>
#include <racetrack/wait.hpp>

namespace racetrack::queue {

/// Index in ThreadLog::counts.
enum Counter : std::size_t { kFailedPush, kFailedPop, kTorn, kCounters };

/// The sums of a role. It keeps them in registers and stores them once.
struct Tally {
  std::uint64_t items = 0;   ///< items received (consumer) or sent (producer)
  std::uint64_t sum = 0;     ///< sum of their values modulo 2^64; equal on both sides when no item is lost or invented
  std::uint64_t failed = 0;  ///< tries that failed because the queue was full or empty
  std::uint64_t torn = 0;
  bool stopped = false;  ///< the watchdog ended the round
};

/// Compares the sums of both sides. Cheap enough for every timed round.
inline Verdict compare(const Tally& sent, const Tally& arrived) {
  const auto counts = std::to_string(sent.items) + " items sent, " + std::to_string(arrived.items) + " arrived";
  const std::uint64_t torn = sent.torn + arrived.torn;
  if (torn != 0) return {Result::fail, "torn", "oracle.sum", std::to_string(torn) + " items arrived torn"};
  if (arrived.items < sent.items) return {Result::fail, "lost", "oracle.sum", counts};
  if (arrived.items > sent.items) return {Result::fail, "duplicated", "oracle.sum", counts};
  if (arrived.sum != sent.sum) return {Result::fail, "invented", "oracle.sum", counts + ", but not the same ones"};
  if (sent.stopped || arrived.stopped) {
    return {Result::fail, "hang", "watchdog", "the threads did not finish; " + counts};
  }
  return {};
}

/// Distributes a round's items among competing consumers: each claims a batch, pops as many items, and claims again. So
/// a consumer needs neither a sentinel nor its own count, whatever the queue's order. A single consumer claims all
/// items at once, because an addition on a shared counter waits for all earlier stores and would slow down a fast
/// queue.
/// Relaxed: a claim states how many items to pop, not that any was pushed, and must not order threads.
class Claims {
 public:
  Claims(std::uint64_t items, std::size_t consumers) noexcept
      : items_(items),
        batch_(consumers == 1 ? std::max<std::uint64_t>(items, 1)
                              : std::clamp<std::uint64_t>(items / (consumers * 16), 1, 64)) {}

  /// Returns how many items the caller must pop; 0 when all are claimed.
  [[nodiscard]] std::uint64_t claim() noexcept {
    const Unwatched unwatched;
    const std::uint64_t first = claimed_.fetch_add(batch_, std::memory_order_relaxed);
    return first >= items_ ? 0 : std::min(batch_, items_ - first);
  }

 private:
  std::uint64_t items_;
  std::uint64_t batch_;
  alignas(kApart) std::atomic<std::uint64_t> claimed_{0};
};

// Only the control of `make overhead` defines RACETRACK_TALLY_IN_MEMORY. It makes the bodies slow, and the measurement
// must detect that.
#if defined(RACETRACK_TALLY_IN_MEMORY)
#define RACETRACK_EACH_ITEM [[gnu::noinline]]
#else
#define RACETRACK_EACH_ITEM [[gnu::always_inline]] inline
#endif

/// Pushes one item and waits while the queue is full. Returns false when the round is stopped. Always inlined, because
/// its arguments are the caller's running sums: a call would force them into memory.
template <bool kBlock, class Port, class Carried, class Probe>
RACETRACK_EACH_ITEM bool push_one(Port& port, const Carried& carried, Probe& probe, Waiter waiter,
                                  std::uint64_t& failed, std::uint16_t object = 0) {
  const std::uint64_t value = item_of(carried).value();  // read now: after the push the item is the consumer's
  if constexpr (kBlock) {
    probe.begin("push");
    port.push(carried);
    probe.end(Action::push, value, Outcome::ok, object);
  } else {
    for (;;) {
      probe.begin("try_push");
      const bool pushed = port.try_push(carried);
      probe.end(Action::push, value, pushed ? Outcome::ok : Outcome::full, object);
      if (pushed) break;
      ++failed;
      if (!waiter.pause()) return false;
    }
  }
  return true;
}

/// Pops one item into `carried` and waits while the queue is empty. Returns false when the round is stopped. Inlined
/// for the same reason as push_one.
template <bool kBlock, class Port, class Carried, class Probe>
RACETRACK_EACH_ITEM bool pop_one(Port& port, Carried& carried, Probe& probe, Waiter waiter, std::uint64_t& failed,
                                 std::uint16_t object = 0) {
  for (;;) {
    probe.begin(kBlock ? "pop" : "try_pop");
    if constexpr (kBlock) {
      carried = port.pop();
    } else {
      if (!port.try_pop(carried)) {
        probe.end(Action::pop, 0, Outcome::empty, object);
        ++failed;
        if (!waiter.pause()) return false;
        continue;
      }
    }
    const auto& item = item_of(carried);
    probe.end(Action::pop, item.value(), item.intact() ? Outcome::ok : Outcome::torn, object);
    return true;
  }
}

/// Returns a copy of the sums. A Tally that a function returns directly is in the caller's memory from the start, and
/// the loop updates it there. A Tally that is copied at the end stays in registers.
[[gnu::always_inline]] inline Tally copy_of(Tally tally) noexcept { return tally; }

#if defined(RACETRACK_TALLY_IN_MEMORY)
inline void after_each_item(Tally& tally) noexcept { asm volatile("" : "+m"(tally)); }
#else
inline void after_each_item(Tally& /*tally*/) noexcept {}
#endif

/// Pushes `count` items of `source`, numbered from `first`, and returns their sums. Stops when the round is stopped.
template <bool kBlock, class Port, class Probe, class Carried>
RACETRACK_HOT Tally produce(Port& port, Probe& probe, Source<Carried>& source, std::uint64_t first, std::uint64_t count,
                            Waiter waiter) {
  auto maker = source.maker(first);
  const std::uint64_t begin = maker.value;
  Tally tally;
  // The item's value is the only loop counter.
  for (const std::uint64_t end = begin + count; maker.value != end; maker.advance()) {
    const Carried carried = maker.make();
    const std::uint64_t value = item_of(carried).value();  // read now: after the push the item is the consumer's
    if (!push_one<kBlock>(port, carried, probe, waiter, tally.failed)) {
      tally.stopped = true;
      break;
    }
    tally.sum += value;
    after_each_item(tally);
  }
  tally.items = maker.value - begin;
  return copy_of(tally);
}

/// Pops items until all of `claims` are claimed, calls taken(item) for each, and returns their sums. Stops when the
/// round is stopped.
template <bool kBlock, class Carried, class Port, class Probe, class Taken>
RACETRACK_HOT Tally consume(Port& port, Probe& probe, Claims& claims, Waiter waiter, Taken&& taken) {
  Tally tally;
  Carried carried{};  // outside the loop: a compiler cannot always prove that an item was popped
  while (const std::uint64_t batch = tally.stopped ? 0 : claims.claim()) {
    // Items are counted per batch, which saves a counter in the loop.
    std::uint64_t left = batch;
    for (; left != 0; --left) {
      if (!pop_one<kBlock>(port, carried, probe, waiter, tally.failed)) {
        tally.stopped = true;
        break;
      }
      const auto& item = item_of(carried);
      tally.sum += item.value();
      tally.torn += item.intact() ? 0 : 1;
      taken(item);
      after_each_item(tally);
    }
    tally.items += batch - left;
  }
  return copy_of(tally);
}

}  // namespace racetrack::queue
