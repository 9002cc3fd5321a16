#include "explore/happens_before/shadow.hpp"

#include <algorithm>

namespace racetrack::explore {

void Shadow::prepare(std::size_t heap) {
  world_ = static_cast<Cell*>(map_memory(kShadowBase, (heap + 7) / 8 * sizeof(Cell)));
  births_ = static_cast<std::uint64_t*>(map_memory(0, (heap + 15) / 16 * sizeof(std::uint64_t)));
  map_memory(kShadowBase + kArenaSize / 8 * sizeof(Cell), kStacksSize / 8 * sizeof(Cell));
  table_ = static_cast<Cell*>(map_memory(0, kTable * sizeof(Cell)));
  owners_ = static_cast<Owner*>(map_memory(0, kTable * sizeof(Owner)));
}

void Shadow::begin_execution() noexcept { ++generation_; }

void Shadow::allocate(std::uintptr_t address, std::size_t size, ThreadId thread, VectorClock::Count epoch,
                      bool recycled) noexcept {
  constexpr VectorClock::Count kMost = (1 << (32U - kThreadBits)) - 1;
  // When the epoch exceeds the bits of a birth, none is recorded: races with that allocation are missed.
  const std::uint64_t birth =
      epoch > kMost ? 0
                    : (std::uint64_t{generation_} << 32U) | (static_cast<std::uint32_t>(epoch) << kThreadBits) | thread;
  std::fill_n(births_ + ((address - kWorldBase) >> 4U), std::max<std::size_t>((size + 15) / 16, 1), birth);
  if (!recycled) return;
  Cell* const first = world_ + ((address - kWorldBase) >> 3U);
  for (Cell* cell = first; cell != first + (size + 7) / 8; ++cell) {
    if (cell->generation == generation_) cell->generation = generation_ - 1;
  }
}

Cell& Shadow::elsewhere(std::uintptr_t address) noexcept {
  static_assert(kTable == std::size_t{1} << 16 && kBucket == 8);
  for (std::size_t bucket = ((address * 0x9E3779B97F4A7C15U) >> 51U) * kBucket;; bucket = (bucket + kBucket) % kTable) {
    std::size_t place = kTable;
    for (std::size_t i = bucket; i < bucket + kBucket; ++i) {
      if (owners_[i].generation != generation_) {  // the rest of the bucket is unused as well
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
