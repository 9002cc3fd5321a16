// How a role reaches a queue: through the queue itself or through a handle of its own; and where its items live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <racetrack/queue/contract.hpp>

namespace racetrack::queue {

/// Calls body(port) with the producer's handle, or with the queue where there are no handles.
template <class Queue, class Body>
decltype(auto) with_producer_port(Queue& queue, Body&& body) {
  if constexpr (HasHandles<Queue>) {
    auto port = queue.producer();
    return body(port);
  } else {
    return body(queue);
  }
}

template <class Queue, class Body>
decltype(auto) with_consumer_port(Queue& queue, Body&& body) {
  if constexpr (HasHandles<Queue>) {
    auto port = queue.consumer();
    return body(port);
  } else {
    return body(queue);
  }
}

/// Items of one producer. For queues of values it makes them on the spot; for queues of pointers it owns one item per
/// sequence number, allocated and touched before the round, alive until the round is destroyed.
template <class Carried>
class Source {
 public:
  Source(std::size_t producer, std::uint64_t /*items*/) noexcept : producer_(producer) {}
  [[nodiscard]] Carried make(std::uint64_t sequence) const noexcept { return Carried(value_of(producer_, sequence)); }
  [[nodiscard]] Carried sentinel(std::size_t /*which*/) const noexcept { return Carried(kSentinel); }

 private:
  std::size_t producer_;
};

template <class Item>
class Source<Item*> {
 public:
  /// Sentinels are kept apart: at most kSentinels consumers.
  static constexpr std::size_t kSentinels = 256;
  Source(std::size_t producer, std::uint64_t items)
      : producer_(producer), items_(items, Item(1)), sentinels_(kSentinels, Item(kSentinel)) {}
  [[nodiscard]] Item* make(std::uint64_t sequence) noexcept {
    Item* item = &items_[sequence];
    *item = Item(value_of(producer_, sequence));
    return item;
  }
  [[nodiscard]] Item* sentinel(std::size_t which) noexcept { return &sentinels_[which]; }

 private:
  std::size_t producer_;
  std::vector<Item> items_;
  std::vector<Item> sentinels_;
};

template <std::size_t Bytes>
const Item<Bytes>& item_of(const Item<Bytes>& carried) noexcept {
  return carried;
}
template <std::size_t Bytes>
const Item<Bytes>& item_of(const Item<Bytes>* carried) noexcept {
  return *carried;
}

}  // namespace racetrack::queue
