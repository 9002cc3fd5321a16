// The ring of one producer and one consumer with one cell, and with two: every cell is reused.
#include "lamport.hpp"

#include <array>
#include <thread>

#include <racetrack/explore.hpp>

#include "taken.hpp"

namespace {

void pass_through(LamportQueue<Item>& queue, int tries) {
  std::array<Sent, 1> sent;
  std::array<Taken, 1> taken;
  std::thread pushing([&] {
    for (int number = 1; number <= tries; ++number) {
      const Item item{0, number};
      if (queue.try_push(item)) sent[0].add(item);
    }
  });
  Item item;
  for (int i = 0; i < tries; ++i) {
    if (queue.try_pop(item)) taken[0].add(item);
  }
  pushing.join();
  while (queue.try_pop(item)) taken[0].add(item);
  check_each_item_arrived_once_and_in_order(sent, taken);
}

}  // namespace

RACETRACK_EXPLORE(through_one_place) {
  LamportQueue<Item> queue(1);
  pass_through(queue, 4);
}

RACETRACK_EXPLORE(through_two_places) {
  LamportQueue<Item> queue(2);
  pass_through(queue, 6);
}
