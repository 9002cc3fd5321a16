// The bodies of producers and consumers. One body for all engines; the probe decides what is seen.
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

/// What a role sums up in its own registers and stores once.
struct Tally {
  std::uint64_t items = 0;   ///< arrived (consumer) or sent (producer)
  std::uint64_t sum = 0;     ///< of their values, modulo 2^64: equal on both sides when nothing is lost or invented
  std::uint64_t failed = 0;  ///< tries that said full or empty
  std::uint64_t torn = 0;
  bool stopped = false;  ///< the watchdog ended the round
};

/// What the sums of both sides say: cheap enough for every timed round.
inline Verdict compare(const Tally& sent, const Tally& arrived) {
  const auto counts = std::to_string(sent.items) + " items sent, " + std::to_string(arrived.items) + " arrived";
  const std::uint64_t torn = sent.torn + arrived.torn;
  if (torn != 0) return {Result::fail, "torn", "oracle.sum", std::to_string(torn) + " items arrived torn"};
  if (arrived.items < sent.items) return {Result::fail, "lost", "oracle.sum", counts};
  if (arrived.items > sent.items) return {Result::fail, "duplicated", "oracle.sum", counts};
  if (arrived.sum != sent.sum) return {Result::fail, "invented", "oracle.sum", counts + ", but not the same ones"};
  if (sent.stopped || arrived.stopped) {
    return {Result::fail, "hang", "watchdog", "threads waited for what never came; " + counts};
  }
  return {};
}

/// Shares a round's items out among consumers that compete freely: each claims a batch, pops as many, and comes back.
/// So a consumer needs neither a sentinel nor a count of its own, whatever the queue's order. Relaxed: a claim
/// says how many to pop, never that anything was pushed, and must order no threads.
class Claims {
 public:
  Claims(std::uint64_t items, std::size_t consumers) noexcept
      : items_(items), batch_(std::clamp<std::uint64_t>(items / (consumers * 16), 1, 64)) {}

  /// How many items the caller shall pop; 0: all are claimed.
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

/// Pushes one item, waiting while the queue is full. False: stopped.
template <bool kBlock, class Port, class Carried, class Probe>
bool push_one(Port& port, Carried carried, Probe& probe, Waiter& waiter, std::uint64_t& failed,
              std::uint16_t object = 0) {
  const std::uint64_t value = item_of(carried).value();
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

/// Pops one item into `carried`, waiting while the queue is empty. False: stopped.
template <bool kBlock, class Port, class Carried, class Probe>
bool pop_one(Port& port, Carried& carried, Probe& probe, Waiter& waiter, std::uint64_t& failed,
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

/// Pushes `count` items of `source`, numbered from `first`.
template <bool kBlock, class Port, class Probe, class Carried>
Tally produce(Port& port, Probe& probe, Source<Carried>& source, std::uint64_t first, std::uint64_t count,
              Waiter waiter) {
  Tally tally;
  for (std::uint64_t sequence = first; sequence < first + count; ++sequence) {
    const Carried carried = source.make(sequence);
    const std::uint64_t value = item_of(carried).value();  // read now: after the push the item is the consumer's
    if (!push_one<kBlock>(port, carried, probe, waiter, tally.failed)) {
      tally.stopped = true;
      break;
    }
    tally.sum += value;
    ++tally.items;
  }
  return tally;
}

/// Pops until all of `claims` is claimed; calls taken(item) for each.
template <bool kBlock, class Carried, class Port, class Probe, class Taken>
Tally consume(Port& port, Probe& probe, Claims& claims, Waiter waiter, Taken&& taken) {
  Tally tally;
  while (const std::uint64_t batch = claims.claim()) {
    // Items are counted by the batch: one counter less in the loop, and g++ 12 does not pair it with the sum in memory.
    for (std::uint64_t left = batch; left != 0; --left) {
      Carried carried;
      if (!pop_one<kBlock>(port, carried, probe, waiter, tally.failed)) {
        tally.items += batch - left;
        tally.stopped = true;
        return tally;
      }
      const auto& item = item_of(carried);
      tally.sum += item.value();
      tally.torn += item.intact() ? 0 : 1;
      taken(item);
    }
    tally.items += batch;
  }
  return tally;
}

}  // namespace racetrack::queue
