// Delivers every thousandth item twice. Tests the conservation oracle (and the cheap check's sum). The correct twin is
// loses_none, in loses_every_1000th.cpp.
#include <cstdint>

#include "control.hpp"

namespace {

template <class Item>
class DuplicatesEvery1000th : public MutexQueue<Item> {
 public:
  using MutexQueue<Item>::MutexQueue;

  bool try_pop(Item& item) {
    const std::lock_guard lock(this->mutex_);
    if (this->items_.empty()) return false;
    item = this->items_.front();
    if (++popped_ % 1000 != 0) this->items_.pop_front();
    return true;
  }

 private:
  std::uint64_t popped_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_control<DuplicatesEvery1000th>(registry, "duplicates_every_1000th", {.library = "racetrack"},
                                     racetrack::expect_fault("oracle.*", "duplicated"), {.capacity = "64"});
}
