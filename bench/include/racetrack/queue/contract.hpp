// What a queue is here: its operations (a concept) and its declared properties (traits).
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

enum class Order : std::uint8_t { none, per_producer, fifo };
enum class Side : std::uint8_t { single, multi };
using racetrack::Progress;
/// exact: false from try_pop (try_push) means that the queue was empty (full) at some moment of the call.
/// may_fail_spuriously: it may say so behind a stalled thread; counted and shown, never judged.
enum class Refusal : std::uint8_t { exact, may_fail_spuriously };

/// Words for the values above are their names with spaces left as underscores.
using enum Order;
using enum Progress;
inline constexpr Side single = Side::single, multi = Side::multi;
inline constexpr Refusal exact = Refusal::exact, may_fail_spuriously = Refusal::may_fail_spuriously;

inline std::uint64_t as_asked(std::uint64_t asked) noexcept { return asked; }
/// Vyukov-like rings: the next power of two.
inline std::uint64_t next_power_of_two(std::uint64_t asked) noexcept {
  std::uint64_t power = 1;
  while (power < asked) power *= 2;
  return power;
}

/// What a queue declares of itself. Everything here is shown in every table; oracles judge by order, bound, empty
/// and full, and the workloads a queue gets follow from producers, consumers and bound.
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
  /// The capacity that the queue really has when asked for `asked` (bounded queues).
  std::uint64_t (*actual_capacity)(std::uint64_t asked) = as_asked;
};

/// A queue whose threads work through handles of their own (moodycamel's tokens): producer() and consumer() are called
/// once by each thread at the start of its role, and the handles take the operations.
template <class Queue>
concept HasHandles = requires(Queue& queue) {
  queue.producer();
  queue.consumer();
};

/// A port is what a role calls: a handle, or the queue itself.
template <class Port, class Carried>
concept TriesPush = requires(Port& port, Carried carried) {
  { port.try_push(carried) } -> std::same_as<bool>;
};
template <class Port, class Carried>
concept TriesPop = requires(Port& port, Carried& carried) {
  { port.try_pop(carried) } -> std::same_as<bool>;
};
template <class Port, class Carried>
concept BlocksInPush = requires(Port& port, Carried carried) {
  port.push(carried);
};
template <class Port, class Carried>
concept BlocksInPop = requires(Port& port) {
  { port.pop() } -> std::same_as<Carried>;
};

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

template <class Queue, class Carried>
concept TriesItems =
    TriesPush<typename Ports<Queue>::Producer, Carried> && TriesPop<typename Ports<Queue>::Consumer, Carried>;
template <class Queue, class Carried>
concept BlocksWithItems =
    BlocksInPush<typename Ports<Queue>::Producer, Carried> && BlocksInPop<typename Ports<Queue>::Consumer, Carried>;

/// A queue of `Carried`: try_push and try_pop, or push and pop that block, or all four. A subject is a class template over
/// what it carries, constructible from its capacity (0: unbounded). Operations are called from as many threads as
/// its traits say; construction and destruction from one.
template <class Queue, class Carried>
concept QueueOf = std::constructible_from<Queue, std::size_t> &&
    (TriesItems<Queue, Carried> || BlocksWithItems<Queue, Carried>);

/// The queue that a case uses, and what it carries: items, or pointers to items where the subject can carry nothing else.
/// Found out from the signatures, so it cannot be declared wrongly.
template <template <class> class Subject, std::size_t Bytes>
concept CarriesValues = QueueOf<Subject<Item<Bytes>>, Item<Bytes>>;

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
