// What a channel between two processes is here: its operations (a concept) and its declared properties (traits).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/queue/contract.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::ipc {

/// What a channel declares of itself. Everything here is shown in every table. One process pushes and one pops, in order, and both
/// block; what is no choice is no trait.
struct Traits {
  std::string library = "racetrack";  ///< package or project, with its version
  bool bounded = true;                ///< in items; false: by the bytes that the kernel keeps for it
  bool notices_death = true;          ///< a side learns at once that the other process has died
  bool kernel = true;                 ///< items pass through the kernel; false: it is asked only to sleep and to wake
  std::vector<std::string> capacities = {"64", "1024"};  ///< bounded: of the full sweep; the last is the default
  std::uint64_t most_capacity = std::uint64_t{1} << 20;  ///< bounded
  bool in_default_sweep = true;                          ///< false: under stress and in the full sweep
  std::uint64_t (*actual_capacity)(std::uint64_t asked) = queue::as_asked;
};

/// A channel of items, for one producer and one consumer in two processes. It is made, from its capacity (0: unbounded), before the
/// second process is forked. Then one process calls producer() and the other consumer(), once; the handles take the operations, and a
/// handle that ends ends its side.
///   push(item)  waits while the channel is full. False: the consumer has gone.
///   pop(item)   waits while the channel is empty. False: the producer has gone, and nothing is left.
template <class Channel, class Item>
concept ChannelOf = std::constructible_from<Channel, std::size_t> &&
    requires(Channel& channel, const Item& sent, Item& received) {
  { channel.producer().push(sent) } -> std::same_as<bool>;
  { channel.consumer().pop(received) } -> std::same_as<bool>;
};

template <class Channel>
using ProducerOf = decltype(std::declval<Channel&>().producer());
template <class Channel>
using ConsumerOf = decltype(std::declval<Channel&>().consumer());

inline TraitList to_list(const Traits& traits) {
  return {{"library", traits.library},
          {"bound", std::string(traits.bounded ? "bounded" : "kernel")},
          {"order", std::string("fifo")},
          {"notices_death", traits.notices_death},
          {"kernel", traits.kernel}};
}

}  // namespace racetrack::ipc
