// A stack that declares first in, first out, in total or per producer. Tests the order oracles. The correct twin is
// loses_none, in loses_every_1000th.cpp.
#include "control.hpp"

namespace {

template <class Item>
class LastInFirstOut : public MutexQueue<Item> {
 public:
  using MutexQueue<Item>::MutexQueue;

  bool try_pop(Item& item) {
    const std::lock_guard lock(this->mutex_);
    if (this->items_.empty()) return false;
    item = this->items_.back();
    this->items_.pop_back();
    return true;
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_control<LastInFirstOut>(registry, "last_in_first_out", {.library = "racetrack"},
                              racetrack::expect_fault("oracle.order", "reordered"));
  add_control<LastInFirstOut>(registry, "last_in_first_out_per_producer",
                              {.library = "racetrack", .order = racetrack::queue::per_producer},
                              racetrack::expect_fault("oracle.order", "reordered"));
}
