// The store histories of all atomic locations of an execution. A cell of the shadow refers to those in its 8 bytes.
//
// Plain writes of such memory are not recorded. Without a race, all earlier stores happen before a plain write, and it
// happens before all later loads, so these read the latest value in memory. A thread that allocates a block which
// another thread has freed is not ordered after that thread, so the cells of a new block drop their histories.
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/happens_before/shadow.hpp"
#include "explore/weak/store_history.hpp"

namespace racetrack::explore {

/// An atomic object of 1 to 16 bytes. Where objects of different sizes overlap (the standard library reads both counts
/// of a shared_ptr at once), a load of either reads the content of memory.
struct AtomicObject {
  std::uintptr_t address;
  std::uint32_t size;
  std::uint32_t next;  ///< 1 + index of another in the same cell; 0: none
  std::uint32_t
      whole;      ///< in the second cell of a 16-byte object, the index of that object; otherwise this entry's own
  bool overlaps;  ///< overlaps another object
  StoreHistory stores;
};

class StoreHistories {
 public:
  /// Called once per process.
  void prepare();
  void begin_execution() noexcept { count_ = 0; }

  /// The object at `address`, where memory holds `memory`. A value that no recorded store has written becomes its
  /// latest store.
  AtomicObject& at(Cell& cell, std::uintptr_t address, std::uint32_t size, Word128 memory) {
    if (cell.atomics != 0) [[likely]] {
      AtomicObject& first = objects_[cell.atomics - 1];
      const bool is_it = first.address == address && first.size == size;
      if (is_it && !first.stores.empty() && first.stores.at(0).value == memory) [[likely]] {
        return first;
      }
    }
    return find_or_make(cell, address, size, memory);
  }
  /// The object at `address`; null when none is known.
  AtomicObject* known(const Cell& cell, std::uintptr_t address, std::uint32_t size) noexcept;
  /// The clocks that an acquire load of every object which overlaps `object` acquires.
  [[nodiscard]] VectorClock released_by_all(const AtomicObject& object) noexcept;

 private:
  AtomicObject& find_or_make(Cell& cell, std::uintptr_t address, std::uint32_t size, Word128 memory);
  AtomicObject& make(Cell& cell, std::uintptr_t address, std::uint32_t size);
  template <class Visit>
  void for_each_in(const Cell& cell, std::uintptr_t address, std::size_t size, Visit visit) noexcept;

  AtomicObject* objects_ = nullptr;
  std::uint32_t count_ = 0;
};

}  // namespace racetrack::explore
