// Accepts every thousandth item and drops it. Tests the conservation oracle (and the cheap check's sum).
#include <cstdint>

#include "control.hpp"

namespace {

template <class Item>
class LosesEvery1000th : public MutexQueue<Item> {
 public:
  using MutexQueue<Item>::MutexQueue;

  bool try_push(Item item) {
    const std::lock_guard lock(this->mutex_);
    if (this->items_.size() >= this->capacity_) return false;
    if (++pushed_ % 1000 != 0) this->items_.push_back(item);
    return true;
  }

 private:
  std::uint64_t pushed_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_control<LosesEvery1000th>(registry, "loses_every_1000th", {.library = "racetrack"},
                                racetrack::expect_fault("oracle.*", "lost"), {.capacity = "64"});
  add_control<MutexQueue>(registry, "loses_none", {.library = "racetrack"}, {}, {.capacity = "64"});
}
