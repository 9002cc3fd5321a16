// The bodies of producers and consumers in their processes. One body for all engines; the probe decides what is seen.
#pragma once

#include <cstdint>

#include <racetrack/history.hpp>
#include <racetrack/queue/item.hpp>
#include <racetrack/queue/roles.hpp>

namespace racetrack::ipc {

using queue::Tally;

/// False: the other side has gone. The item may have arrived before that, or not.
template <class Port, class Item, class Probe>
bool push_one(Port& port, const Item& item, Probe& probe, std::uint16_t object = 0) {
  probe.begin();
  const bool sent = port.push(item);
  probe.end(Action::push, item.value(), sent ? Outcome::ok : Outcome::pending, object);
  return sent;
}

/// False: the other side has gone, and has left nothing.
template <class Port, class Item, class Probe>
bool pop_one(Port& port, Item& item, Probe& probe, std::uint16_t object = 0) {
  probe.begin();
  if (!port.pop(item)) return false;
  probe.end(Action::pop, item.value(), item.intact() ? Outcome::ok : Outcome::torn, object);
  return true;
}

/// Pushes `count` items.
template <class Item, class Port, class Probe>
Tally produce(Port& port, Probe& probe, std::uint64_t count) {
  Tally tally;
  for (std::uint64_t sequence = 0; sequence < count; ++sequence) {
    const Item item(queue::value_of(0, sequence));
    if (!push_one(port, item, probe)) {
      tally.stopped = true;
      break;
    }
    tally.sum += item.value();
    ++tally.items;
  }
  return tally;
}

/// Pops `count` items.
template <class Item, class Port, class Probe>
Tally consume(Port& port, Probe& probe, std::uint64_t count) {
  Tally tally;
  while (tally.items < count) {
    Item item;
    if (!pop_one(port, item, probe)) {
      tally.stopped = true;
      break;
    }
    tally.sum += item.value();
    tally.torn += item.intact() ? 0 : 1;
    ++tally.items;
  }
  return tally;
}

}  // namespace racetrack::ipc
