#include "explore/happens_before/shadow.hpp"

namespace racetrack::explore {

void Shadow::prepare(std::size_t heap) {
  world_ = static_cast<Cell*>(map_memory(kShadowBase, (heap + 7) / 8 * sizeof(Cell)));
  map_memory(kShadowBase + kArenaSize / 8 * sizeof(Cell), kStacksSize / 8 * sizeof(Cell));
  table_ = static_cast<Cell*>(map_memory(0, kTable * sizeof(Cell)));
  owners_ = static_cast<Owner*>(map_memory(0, kTable * sizeof(Owner)));
}

void Shadow::begin_execution() noexcept { ++generation_; }

Cell& Shadow::elsewhere(std::uintptr_t address) noexcept {
  static_assert(kTable == std::size_t{1} << 16 && kBucket == 8);
  for (std::size_t bucket = ((address * 0x9E3779B97F4A7C15U) >> 51U) * kBucket;; bucket = (bucket + kBucket) % kTable) {
    std::size_t place = kTable;
    for (std::size_t i = bucket; i < bucket + kBucket; ++i) {
      if (owners_[i].generation != generation_) {  // and so all behind it
        place = i;
        break;
      }
      if (owners_[i].address == address) return table_[i];
      if (table_[i].object == 0) place = i;
    }
    if (place == kTable) continue;
    owners_[place] = {address, generation_};
    table_[place].generation = 0;
    return table_[place];
  }
}

}  // namespace racetrack::explore
