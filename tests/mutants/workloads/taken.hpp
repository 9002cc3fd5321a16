// The items that threads sent to a queue and took from it, and the conditions between the two.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <racetrack/explore.hpp>

/// Not atomic, so that a queue that does not publish it correctly has a data race.
struct Item {
  int producer = 0, number = 0;
  bool operator==(const Item&) const = default;
};

/// Items in the order in which one thread sent or took them. They are not allocated, because allocations would make
/// the threads depend on each other.
class Items {
 public:
  void add(const Item& item) { items_.at(size_++) = item; }
  [[nodiscard]] const Item* begin() const { return items_.data(); }
  [[nodiscard]] const Item* end() const { return items_.data() + size_; }

 private:
  std::array<Item, 8> items_;
  std::size_t size_ = 0;
};
using Sent = Items;
using Taken = Items;

/// Called after all threads have been joined and the queue has been emptied.
template <std::size_t kProducers, std::size_t kConsumers>
void check_each_item_arrived_once_and_in_order(const std::array<Sent, kProducers>& sent,
                                               const std::array<Taken, kConsumers>& taken) {
  for (const Sent& by : sent) {
    for (const Item& item : by) {
      std::ptrdiff_t times = 0;
      for (const Taken& whose : taken) times += std::count(whose.begin(), whose.end(), item);
      racetrack::check(times == 1, "each item that was pushed is popped once");
    }
  }
  for (const Taken& whose : taken) {
    for (const Item& item : whose) {
      const bool known = std::any_of(sent.begin(), sent.end(),
                                     [&](const Sent& by) { return std::find(by.begin(), by.end(), item) != by.end(); });
      racetrack::check(known, "nothing is popped that was not pushed");
      const bool in_order = std::none_of(whose.begin(), &item, [&](const Item& earlier) {
        return earlier.producer == item.producer && earlier.number > item.number;
      });
      racetrack::check(in_order, "one consumer gets the items of one producer in their order");
    }
  }
}
