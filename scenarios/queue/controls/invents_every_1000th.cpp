// Every thousandth pop delivers an additional item that no thread has pushed. Tests the conservation oracle (and the
// cheap check's sum). The correct twin is loses_none, in loses_every_1000th.cpp.
#include <cstdint>

#include "control.hpp"

namespace {

template <class Item>
class InventsEvery1000th : public MutexQueue<Item> {
 public:
  using MutexQueue<Item>::MutexQueue;

  bool try_pop(Item& item) {
    const std::lock_guard lock(this->mutex_);
    if (this->items_.empty()) return false;
    if (++popped_ % 1000 == 0) {
      item = Item(kInvented);
      return true;
    }
    item = this->items_.front();
    this->items_.pop_front();
    return true;
  }

 private:
  static constexpr std::uint64_t kInvented = std::uint64_t{1} << 62;
  std::uint64_t popped_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  add_control<InventsEvery1000th>(registry, "invents_every_1000th", {.library = "racetrack"},
                                  racetrack::expect_fault("oracle.*", "invented"), {.capacity = "64"});
}
