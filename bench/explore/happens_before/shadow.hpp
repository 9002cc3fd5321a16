// The state of every 8 bytes of memory: the accesses that could still race with a later one, and the synchronisation
// object there. Epochs and the removal of accesses follow FastTrack (Flanagan and Freund, PLDI 2009).
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/happens_before/vector_clock.hpp"
#include "explore/world/layout.hpp"

namespace racetrack::explore {

/// Kinds of access; their bits: 1 writes, 2 is atomic.
enum AccessKind : std::uint8_t { kPlainRead = 0, kPlainWrite = 1, kAtomicRead = 2, kAtomicWrite = 3 };

/// The cause of an access. Allocations and frees are plain writes of the whole block.
enum class Cause : std::uint8_t { access, allocation, free };

struct Access {
  VectorClock::Count epoch;  ///< the thread's own count at the access
  ThreadId thread;
  std::uint8_t bytes;  ///< of the 8, one bit each
  std::uint8_t kind;
  Cause cause = Cause::access;
  bool operator==(const Access&) const = default;
};

struct alignas(64) Cell {
  static constexpr unsigned kAccesses = 6;
  std::uint32_t generation;  ///< execution that the content belongs to; in another execution the cell is empty
  std::uint32_t object;      ///< 1 + index of the synchronisation object; 0: none
  std::uint32_t atomics;     ///< weak memory: 1 + index of the first atomic object in these 8 bytes; 0: none
  std::uint8_t count;
  std::uint8_t unused[3];
  Access accesses[kAccesses];
};
static_assert(sizeof(Cell) == 64);

/// Cells for all memory: an array for the world, a hash table for the rest (modules' data, other mappings). An address
/// maps to one bucket of the table. A full bucket drops one of its cells, so races there may be missed, but no false
/// race is reported. Cells of synchronisation objects are never dropped, because the state of a mutex must be kept:
/// when a bucket holds nothing else, the next one is used. There are fewer objects than places.
class Shadow {
 public:
  /// `heap`: the size of the heap in bytes, from the world's beginning.
  void prepare(std::size_t heap);
  /// Forgets everything.
  void begin_execution() noexcept;

  /// Records the allocation of a block, which counts as a write of all of it. The block's cells then hold that write
  /// and nothing else. Costs a store per 16 bytes, and one per 8 bytes when the block is `recycled`, because its cells
  /// may hold earlier accesses. `address` is a multiple of 16 in the world's heap.
  void allocate(std::uintptr_t address, std::size_t size, ThreadId thread, VectorClock::Count epoch,
                bool recycled) noexcept;
  /// Finds the allocation of the block around `address` in the heap. Returns false when the block is older than the
  /// execution.
  bool find_allocation(std::uintptr_t address, Access& found) const noexcept {
    const std::uint64_t birth = births_[(address - kWorldBase) >> 4U];
    if (static_cast<std::uint32_t>(birth >> 32U) != generation_) return false;
    found = {static_cast<VectorClock::Count>(static_cast<std::uint32_t>(birth) >> kThreadBits),
             static_cast<ThreadId>(birth & ((1U << kThreadBits) - 1U)), 0xff, kPlainWrite, Cause::allocation};
    return true;
  }

  /// The cell of the 8 bytes around `address`. A new one holds the allocation of its block, or nothing.
  [[gnu::always_inline]] Cell& cell(std::uintptr_t address) noexcept {
    Cell& found = in_world(address) ? world_[(address - kWorldBase) >> 3U] : elsewhere(address & ~std::uintptr_t{7});
    if (found.generation != generation_) {
      found.generation = generation_;
      found.object = 0;
      found.atomics = 0;
      found.count = 0;
      if (in_arena(address) && find_allocation(address, found.accesses[0])) found.count = 1;
    }
    return found;
  }
  /// The cell of the 8 bytes around `address`; null when it is empty.
  Cell* known_cell(std::uintptr_t address) noexcept {
    if (!in_world(address)) return &cell(address);
    Cell& found = world_[(address - kWorldBase) >> 3U];
    return found.generation == generation_ ? &found : nullptr;
  }

 private:
  static constexpr std::size_t kTable = std::size_t{1} << 16;
  static constexpr std::size_t kBucket = 8;
  static constexpr unsigned kThreadBits = 6;
  static_assert(kMostThreads <= 1U << kThreadBits);
  struct Owner {
    std::uintptr_t address;
    std::uint32_t generation;
  };
  Cell& elsewhere(std::uintptr_t address) noexcept;

  Cell* world_ = nullptr;
  std::uint64_t* births_ = nullptr;  ///< of each 16 bytes of the heap: generation, epoch and thread of the allocation
  Cell* table_ = nullptr;
  Owner* owners_ = nullptr;
  std::uint32_t generation_ = 0;
};

/// The result of recording an access.
struct Conflict {
  bool found = false;
  Access earlier{};
};

/// Records an access. Reports an earlier access that conflicts with it and does not happen before it.
[[gnu::always_inline]] inline Conflict record_access(Cell& cell, const Access& now, const VectorClock& clock) noexcept {
  // For each kind of `now`, the earlier kinds that need not be kept: any access that races with them also races with
  // it.
  constexpr std::uint8_t kReplaces[4] = {0b0101, 0b1111, 0b0100, 0b1100};
  unsigned kept = 0;
  const unsigned count = cell.count;
  for (unsigned i = 0; i < count; ++i) {
    const Access earlier = cell.accesses[i];
    // The same thread has made such an access since it last published anything, so nothing changes.
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
  if (kept == Cell::kAccesses) {  // full: drops the oldest
    for (unsigned i = 1; i < kept; ++i) cell.accesses[i - 1] = cell.accesses[i];
    --kept;
  }
  cell.accesses[kept] = now;
  cell.count = static_cast<std::uint8_t>(kept + 1);
  return {};
}

}  // namespace racetrack::explore
