// The bodies of producers and consumers in their processes. All engines use the same bodies; the probe decides what is
// recorded.
#pragma once

#include <cstdint>

#include <racetrack/history.hpp>
#include <racetrack/queue/item.hpp>
#include <racetrack/queue/roles.hpp>

namespace racetrack::ipc {

using queue::Tally;

/// Pushes one item. Returns false when the other side has ended; the item may or may not have arrived.
template <class Port, class Item, class Probe>
[[gnu::always_inline]] inline bool push_one(Port& port, const Item& item, Probe& probe, std::uint16_t object = 0) {
  probe.begin();
  const bool sent = port.push(item);
  probe.end(Action::push, item.value(), sent ? Outcome::ok : Outcome::pending, object);
  return sent;
}

/// Pops one item. Returns false when the other side has ended and no item is left.
template <class Port, class Item, class Probe>
[[gnu::always_inline]] inline bool pop_one(Port& port, Item& item, Probe& probe, std::uint16_t object = 0) {
  probe.begin();
  if (!port.pop(item)) return false;
  probe.end(Action::pop, item.value(), item.intact() ? Outcome::ok : Outcome::torn, object);
  return true;
}

/// Pushes `count` items and returns their sums. Stops when the other side has ended.
template <class Item, class Port, class Probe>
RACETRACK_HOT Tally produce(Port& port, Probe& probe, std::uint64_t count) {
  Tally tally;
  std::uint64_t sequence = 0;
  for (; sequence < count; ++sequence) {
    const Item item(queue::value_of(0, sequence));
    if (!push_one(port, item, probe)) {
      tally.stopped = true;
      break;
    }
    tally.sum += item.value();
  }
  tally.items = sequence;
  return queue::copy_of(tally);
}

/// Pops `count` items and returns their sums. Stops when the other side has ended.
template <class Item, class Port, class Probe>
RACETRACK_HOT Tally consume(Port& port, Probe& probe, std::uint64_t count) {
  Tally tally;
  std::uint64_t left = count;
  for (; left != 0; --left) {
    Item item;
    if (!pop_one(port, item, probe)) {
      tally.stopped = true;
      break;
    }
    tally.sum += item.value();
    tally.torn += item.intact() ? 0 : 1;
  }
  tally.items = count - left;
  return queue::copy_of(tally);
}

}  // namespace racetrack::ipc
