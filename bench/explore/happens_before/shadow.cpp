#include "explore/happens_before/shadow.hpp"

namespace racetrack::explore {

void Shadow::prepare() {
  world_ = static_cast<Cell*>(map_memory(kShadowBase, kWorldSize / 8 * sizeof(Cell)));
  table_ = static_cast<Cell*>(map_memory(0, kTable * sizeof(Cell)));
  owners_ = static_cast<Owner*>(map_memory(0, kTable * sizeof(Owner)));
}

void Shadow::begin_execution() noexcept {
  ++generation_;
  used_ = 0;
}

Cell& Shadow::elsewhere(std::uintptr_t address) noexcept {
  std::size_t at = (address * 0x9E3779B97F4A7C15U) >> 48U;
  static_assert(kTable == std::size_t{1} << 16);
  // A table that is nearly full forgets the cell that it comes upon: races there may be missed, none is invented.
  const bool full = used_ > kTable / 4 * 3;
  for (;; at = (at + 1) % kTable) {
    Owner& owner = owners_[at];
    const bool taken = owner.generation == generation_;
    if (taken && owner.address == address) return table_[at];
    if (taken && !full) continue;
    if (!taken) ++used_;
    owner = {address, generation_};
    table_[at].generation = 0;
    return table_[at];
  }
}

}  // namespace racetrack::explore
