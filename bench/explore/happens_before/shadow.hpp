// What is remembered of every 8 bytes of memory: the accesses that could still race with one to come, and the synchronisation
// object that lies there. Epochs and what may be forgotten: FastTrack (Flanagan and Freund, PLDI 2009).
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/happens_before/vector_clock.hpp"
#include "explore/world/layout.hpp"

namespace racetrack::explore {

/// Kinds of access; their bits: 1 writes, 2 is atomic.
enum AccessKind : std::uint8_t { kPlainRead = 0, kPlainWrite = 1, kAtomicRead = 2, kAtomicWrite = 3 };

struct Access {
  VectorClock::Count epoch;  ///< the thread's own count
  ThreadId thread;
  std::uint8_t bytes;  ///< of the 8, one bit each
  std::uint8_t kind;
  std::uint8_t frees;  ///< 1: a write because the block is freed
  bool operator==(const Access&) const = default;
};

struct alignas(64) Cell {
  static constexpr unsigned kAccesses = 6;
  std::uint32_t generation;  ///< of the execution that it speaks of; another: it is empty
  std::uint32_t object;      ///< 1 + index of the synchronisation object; 0: none
  std::uint32_t atomics;     ///< weak memory: 1 + index of the first atomic object that lies here; 0: none
  std::uint8_t count;
  std::uint8_t unused[3];
  Access accesses[kAccesses];
};
static_assert(sizeof(Cell) == 64);

/// Cells for all memory: in line for the world, in a table for the rest (modules' data, other mappings). An address has its place in one of the
/// table's buckets. A full bucket forgets one of its cells: races there may be missed, none is invented. Cells of synchronisation objects stay (a
/// mutex must not forget that it is held): where a bucket holds nothing else, the next one is taken. There are fewer objects than places.
class Shadow {
 public:
  /// `heap`: bytes from the world's beginning that blocks may take.
  void prepare(std::size_t heap);
  /// Forgets everything.
  void begin_execution() noexcept;

  /// The cell of the 8 bytes around `address`, empty when new.
  [[gnu::always_inline]] Cell& cell(std::uintptr_t address) noexcept {
    Cell& found = in_world(address) ? world_[(address - kWorldBase) >> 3U] : elsewhere(address & ~std::uintptr_t{7});
    if (found.generation != generation_) {
      found.generation = generation_;
      found.object = 0;
      found.atomics = 0;
      found.count = 0;
    }
    return found;
  }
  /// The same, null when nothing is known of it.
  Cell* known_cell(std::uintptr_t address) noexcept {
    if (!in_world(address)) return &cell(address);
    Cell& found = world_[(address - kWorldBase) >> 3U];
    return found.generation == generation_ ? &found : nullptr;
  }

 private:
  static constexpr std::size_t kTable = std::size_t{1} << 16;
  static constexpr std::size_t kBucket = 8;
  struct Owner {
    std::uintptr_t address;
    std::uint32_t generation;
  };
  Cell& elsewhere(std::uintptr_t address) noexcept;

  Cell* world_ = nullptr;
  Cell* table_ = nullptr;
  Owner* owners_ = nullptr;
  std::uint32_t generation_ = 0;
};

/// The outcome of looking at one cell.
struct Conflict {
  bool found = false;
  Access earlier{};
};

/// Enters an access and says whether an earlier one is not ordered before it.
[[gnu::always_inline]] inline Conflict enter(Cell& cell, const Access& now, const VectorClock& clock) noexcept {
  // Which earlier kinds need not be kept once `now` is there: whatever races with them will race with it.
  constexpr std::uint8_t kReplaces[4] = {0b0101, 0b1111, 0b0100, 0b1100};
  unsigned kept = 0;
  const unsigned count = cell.count;
  for (unsigned i = 0; i < count; ++i) {
    const Access earlier = cell.accesses[i];
    // The same thread has been here since it last published anything: nothing new can be learnt.
    if (earlier.thread == now.thread && earlier.epoch == now.epoch && (now.bytes & ~earlier.bytes) == 0 &&
        ((kReplaces[earlier.kind] >> now.kind) & 1U) != 0) {
      for (unsigned j = i; kept != i && j < count; ++j) cell.accesses[kept + j - i] = cell.accesses[j];
      cell.count = static_cast<std::uint8_t>(kept + count - i);
      return {};
    }
    const bool ordered = earlier.thread == now.thread || earlier.epoch <= clock[earlier.thread];
    const bool overlaps = (earlier.bytes & now.bytes) != 0;
    if (!ordered && overlaps && ((earlier.kind | now.kind) & 1U) != 0 && (earlier.kind & now.kind & 2U) == 0) {
      return {true, earlier};
    }
    const bool replaced =
        ordered && (earlier.bytes & ~now.bytes) == 0 && ((kReplaces[now.kind] >> earlier.kind) & 1U) != 0;
    if (!replaced) cell.accesses[kept++] = earlier;
  }
  if (kept == Cell::kAccesses) {  // full: the oldest goes
    for (unsigned i = 1; i < kept; ++i) cell.accesses[i - 1] = cell.accesses[i];
    --kept;
  }
  cell.accesses[kept] = now;
  cell.count = static_cast<std::uint8_t>(kept + 1);
  return {};
}

}  // namespace racetrack::explore
