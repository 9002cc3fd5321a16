// The bounded queue with two cells: in some schedules both are reused while a slow thread still reads them.
#include "vyukov.hpp"

#include <array>
#include <thread>

#include <racetrack/explore.hpp>

#include "taken.hpp"

namespace {

/// Tries `items` times to push the next item of `producer`.
void push_some(VyukovQueue<Item>& queue, int producer, int items, Sent& sent) {
  for (int number = 1; number <= items; ++number) {
    const Item item{producer, number};
    if (queue.try_push(item)) sent.add(item);
  }
}

void pop_some(VyukovQueue<Item>& queue, int tries, Taken& taken) {
  Item item;
  for (int i = 0; i < tries; ++i) {
    if (queue.try_pop(item)) taken.add(item);
  }
}

void empty(VyukovQueue<Item>& queue, Taken& taken) {
  for (Item item; queue.try_pop(item);) taken.add(item);
}

}  // namespace

RACETRACK_EXPLORE(two_push_and_two_pop) {
  VyukovQueue<Item> queue(2);
  std::array<Sent, 2> sent;
  std::array<Taken, 3> taken;
  std::thread first([&] { push_some(queue, 0, 2, sent[0]); });
  std::thread second([&] { push_some(queue, 1, 2, sent[1]); });
  std::thread popping([&] { pop_some(queue, 3, taken[0]); });
  pop_some(queue, 3, taken[1]);
  first.join();
  second.join();
  popping.join();
  empty(queue, taken[2]);
  check_each_item_arrived_once_and_in_order(sent, taken);
}

RACETRACK_EXPLORE(one_pushes_round_and_round) {
  VyukovQueue<Item> queue(2);
  std::array<Sent, 1> sent;
  std::array<Taken, 2> taken;
  std::thread pushing([&] { push_some(queue, 0, 5, sent[0]); });
  pop_some(queue, 5, taken[0]);
  pushing.join();
  empty(queue, taken[1]);
  check_each_item_arrived_once_and_in_order(sent, taken);
}
