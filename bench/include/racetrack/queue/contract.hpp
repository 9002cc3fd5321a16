// The interface of a queue: its operations (concepts) and its declared properties (traits).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <racetrack/progress.hpp>
#include <racetrack/queue/item.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::queue {

/// The order in which items are popped. per_producer: only items of one producer are in order.
enum class Order : std::uint8_t { none, per_producer, fifo };
/// The number of threads that may push (or pop) concurrently.
enum class Side : std::uint8_t { single, multi };
using racetrack::Progress;
/// The meaning of a failed try. exact: the queue was empty (full) at some time during the call. may_fail_spuriously: a
/// stalled thread may also cause it; such failures are counted and shown, but not judged.
enum class Refusal : std::uint8_t { exact, may_fail_spuriously };

/// Records and tables use the enumerators' names.
using enum Order;
using enum Progress;
inline constexpr Side single = Side::single, multi = Side::multi;
inline constexpr Refusal exact = Refusal::exact, may_fail_spuriously = Refusal::may_fail_spuriously;

/// Returns `asked`: the capacity of a queue that takes any.
inline std::uint64_t as_asked(std::uint64_t asked) noexcept { return asked; }
/// Returns the next power of two: the capacity of Vyukov-like rings.
inline std::uint64_t next_power_of_two(std::uint64_t asked) noexcept {
  std::uint64_t power = 1;
  while (power < asked) power *= 2;
  return power;
}

/// The declared properties of a queue. Every table shows them. Oracles depend on order, bound, empty and full; the
/// workloads of a queue depend on producers, consumers and bound.
struct Traits {
  std::string library = "own";  ///< package or project, with its version: "moodycamel 1.0.3"
  bool bounded = true;
  Order order = fifo;
  Side producers = multi;
  Side consumers = multi;
  Progress progress = blocking;
  Refusal empty = exact;
  Refusal full = exact;
  bool fences = false;  ///< uses atomic_thread_fence, which ThreadSanitizer does not model
  /// Returns the capacity of a queue that was created with `asked` (bounded queues).
  std::uint64_t (*actual_capacity)(std::uint64_t asked) = as_asked;
};

/// A queue whose threads use their own handles (moodycamel's tokens). Each thread calls producer() or consumer() once,
/// at the start of its role; the handles have the operations.
template <class Queue>
concept HasHandles = requires(Queue& queue) {
  queue.producer();
  queue.consumer();
};

// The next concepts describe ports. A port is the object whose operations a role calls: a handle, or the queue itself.

/// try_push(item) returns false when the queue is full; the item is then still the caller's.
template <class Port, class Carried>
concept TriesPush = requires(Port& port, Carried carried) {
  { port.try_push(carried) } -> std::same_as<bool>;
};
/// try_pop(item) returns false when the queue is empty.
template <class Port, class Carried>
concept TriesPop = requires(Port& port, Carried& carried) {
  { port.try_pop(carried) } -> std::same_as<bool>;
};
/// push(item) blocks while the queue is full.
template <class Port, class Carried>
concept BlocksInPush = requires(Port& port, Carried carried) {
  port.push(carried);
};
/// pop() blocks while the queue is empty.
template <class Port, class Carried>
concept BlocksInPop = requires(Port& port) {
  { port.pop() } -> std::same_as<Carried>;
};

/// The port types of a queue.
template <class Queue>
struct Ports {
  using Producer = Queue;
  using Consumer = Queue;
};
template <HasHandles Queue>
struct Ports<Queue> {
  using Producer = decltype(std::declval<Queue&>().producer());
  using Consumer = decltype(std::declval<Queue&>().consumer());
};

/// Whether the queue has try_push and try_pop.
template <class Queue, class Carried>
concept TriesItems =
    TriesPush<typename Ports<Queue>::Producer, Carried> && TriesPop<typename Ports<Queue>::Consumer, Carried>;
/// Whether the queue has push and pop.
template <class Queue, class Carried>
concept BlocksWithItems =
    BlocksInPush<typename Ports<Queue>::Producer, Carried> && BlocksInPop<typename Ports<Queue>::Consumer, Carried>;

/// A queue of `Carried` with try_push and try_pop, or with push and pop that block, or all four. A subject is a class
/// template over its element type; its constructor takes the capacity (0: unbounded). As many threads as its traits
/// declare call the operations; one thread constructs and destroys it.
template <class Queue, class Carried>
concept QueueOf = std::constructible_from<Queue, std::size_t> &&
    (TriesItems<Queue, Carried> || BlocksWithItems<Queue, Carried>);

/// Whether the queue can hold items by value. Otherwise it holds pointers to items. It follows from the signatures, so
/// that no trait can be wrong.
template <template <class> class Subject, std::size_t Bytes>
concept CarriesValues = QueueOf<Subject<Item<Bytes>>, Item<Bytes>>;

/// The element type of a case's queue.
template <template <class> class Subject, std::size_t Bytes>
struct Cargo {
  using Carried = Item<Bytes>*;
};
template <template <class> class Subject, std::size_t Bytes>
requires CarriesValues<Subject, Bytes>
struct Cargo<Subject, Bytes> {
  using Carried = Item<Bytes>;
};

inline constexpr const char* kUnbounded = "unbounded";

inline std::string_view to_word(Order order) noexcept {
  switch (order) {
    case Order::none: return "none";
    case Order::per_producer: return "per_producer";
    case Order::fifo: return "fifo";
  }
  return "";
}
inline std::string_view to_word(Side side) noexcept { return side == Side::single ? "single" : "multi"; }
inline std::string_view to_word(Refusal refusal) noexcept {
  return refusal == Refusal::exact ? "exact" : "may_fail_spuriously";
}

inline TraitList to_list(const Traits& traits, bool carries_pointers) {
  return {{"library", traits.library},
          {"bound", std::string(traits.bounded ? "bounded" : kUnbounded)},
          {"order", std::string(to_word(traits.order))},
          {"producers", std::string(to_word(traits.producers))},
          {"consumers", std::string(to_word(traits.consumers))},
          {"progress", std::string(to_word(traits.progress))},
          {"item", std::string(carries_pointers ? "pointer" : "value")},
          {"empty", std::string(to_word(traits.empty))},
          {"full", std::string(to_word(traits.full))},
          {"fences", traits.fences}};
}

}  // namespace racetrack::queue
