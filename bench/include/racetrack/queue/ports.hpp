// How a role accesses a queue (directly or through a handle), and who owns its items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <racetrack/queue/contract.hpp>

namespace racetrack::queue {

/// Calls body(port) with a new producer handle, or with the queue when it has no handles. Returns body's result.
template <class Queue, class Body>
decltype(auto) with_producer_port(Queue& queue, Body&& body) {
  if constexpr (HasHandles<Queue>) {
    auto port = queue.producer();
    return body(port);
  } else {
    return body(queue);
  }
}

/// Calls body(port) with a new consumer handle, or with the queue when it has no handles. Returns body's result.
template <class Queue, class Body>
decltype(auto) with_consumer_port(Queue& queue, Body&& body) {
  if constexpr (HasHandles<Queue>) {
    auto port = queue.consumer();
    return body(port);
  } else {
    return body(queue);
  }
}

/// The items of one producer. For queues of values, it creates an item on demand. For queues of pointers, it owns one
/// item per sequence number, allocated and touched before the round and valid until the round is destroyed.
template <class Carried>
class Source {
 public:
  /// Creates items in sequence. A loop uses its own copy, which stays in registers.
  struct Maker {
    std::uint64_t value;  ///< value of the next item
    [[nodiscard]] Carried make() const noexcept { return Carried(value); }
    void advance() noexcept { ++value; }
  };

  Source(std::size_t producer, std::uint64_t /*items*/) noexcept : producer_(producer) {}
  [[nodiscard]] Maker maker(std::uint64_t first) const noexcept { return {value_of(producer_, first)}; }
  [[nodiscard]] Carried make(std::uint64_t sequence) const noexcept { return maker(sequence).make(); }
  [[nodiscard]] Carried sentinel(std::size_t /*which*/) const noexcept { return Carried(kSentinel); }

 private:
  std::size_t producer_;
};

/// The items of one producer, for queues of pointers.
template <class Item>
class Source<Item*> {
 public:
  struct Maker {
    std::uint64_t value;  ///< value of the next item
    Item* item;           ///< the next item
    [[nodiscard]] Item* make() const noexcept {
      *item = Item(value);
      return item;
    }
    void advance() noexcept {
      ++value;
      ++item;
    }
  };

  /// Sentinels are stored separately: at most this many consumers.
  static constexpr std::size_t kSentinels = 256;
  Source(std::size_t producer, std::uint64_t items)
      : producer_(producer), items_(items, Item(1)), sentinels_(kSentinels, Item(kSentinel)) {}
  [[nodiscard]] Maker maker(std::uint64_t first) noexcept {
    return {value_of(producer_, first), items_.data() + first};
  }
  [[nodiscard]] Item* make(std::uint64_t sequence) noexcept { return maker(sequence).make(); }
  [[nodiscard]] Item* sentinel(std::size_t which) noexcept { return &sentinels_[which]; }

 private:
  std::size_t producer_;
  std::vector<Item> items_;
  std::vector<Item> sentinels_;
};

/// Returns the item, whether the queue holds items or pointers to them.
template <std::size_t Bytes>
const Item<Bytes>& item_of(const Item<Bytes>& carried) noexcept {
  return carried;
}
template <std::size_t Bytes>
const Item<Bytes>& item_of(const Item<Bytes>* carried) noexcept {
  return *carried;
}

}  // namespace racetrack::queue
