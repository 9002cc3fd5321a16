// The interface of a channel between two processes: its operations (a concept) and its declared properties (traits).
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

/// The declared properties of a channel. Every table shows them. Properties that all channels share are not traits: one
/// process pushes and one pops, in order, and both operations block.
struct Traits {
  std::string library = "racetrack";  ///< package or project, with its version
  bool bounded = true;                ///< limited in items; false: only by the bytes that the kernel buffers
  bool notices_death = true;          ///< an operation returns at once when the other process has died
  bool kernel = true;  ///< items pass through the kernel; false: the kernel is used only to sleep and to wake
  /// Bounded: capacities of the full sweep; the last is the default.
  std::vector<std::string> capacities = {"64", "1024"};
  std::uint64_t most_capacity = std::uint64_t{1} << 20;  ///< bounded: largest capacity that a user may choose
  bool in_default_sweep = true;                          ///< false: only under stress and in the full sweep
  /// Returns the capacity of a channel that was created with `asked` (bounded).
  std::uint64_t (*actual_capacity)(std::uint64_t asked) = queue::as_asked;
};

/// A channel of items, for one producer and one consumer in two processes. It is constructed with its capacity (0:
/// unbounded) before the second process is forked. Then one process calls producer() and the other consumer(), once
/// each. The returned handles have the operations; the destruction of a handle closes its side.
///   push(item)  blocks while the channel is full. Returns false when the consumer has ended.
///   pop(item)   blocks while the channel is empty. Returns false when the producer has ended and no item is left.
template <class Channel, class Item>
concept ChannelOf = std::constructible_from<Channel, std::size_t> &&
    requires(Channel& channel, const Item& sent, Item& received) {
  { channel.producer().push(sent) } -> std::same_as<bool>;
  { channel.consumer().pop(received) } -> std::same_as<bool>;
};

/// The type of the producer's handle.
template <class Channel>
using ProducerOf = decltype(std::declval<Channel&>().producer());
/// The type of the consumer's handle.
template <class Channel>
using ConsumerOf = decltype(std::declval<Channel&>().consumer());

/// Returns the traits for records and tables.
inline TraitList to_list(const Traits& traits) {
  return {{"library", traits.library},
          {"bound", std::string(traits.bounded ? "bounded" : "kernel")},
          {"order", std::string("fifo")},
          {"notices_death", traits.notices_death},
          {"kernel", traits.kernel}};
}

}  // namespace racetrack::ipc
