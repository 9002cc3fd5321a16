// The histories of all atomic locations of an execution. A cell of the shadow leads to those that lie in its 8 bytes.
//
// Plain writes of such memory need not be told: where there is no race, all earlier stores happen before them and they before all later
// loads, which so read the latest store, or what lies there otherwise. Who gets a block that another thread has freed is not ordered after
// that thread: a new block's cells forget their histories.
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/happens_before/shadow.hpp"
#include "explore/weak/store_history.hpp"

namespace racetrack::explore {

/// An atomic object of 1 to 16 bytes. Where objects of different sizes overlap (the standard library reads both counts of a shared_ptr at
/// once), a load of either reads what lies in memory.
struct AtomicObject {
  std::uintptr_t address;
  std::uint32_t size;
  std::uint32_t next;  ///< 1 + index of another in the same cell; 0: none
  std::uint32_t
      whole;  ///< index of the object whose second half this entry stands for in the second of its cells, else its own
  bool overlaps;  ///< another object
  StoreHistory stores;
};

class StoreHistories {
 public:
  /// Once per process.
  void prepare();
  void begin_execution() noexcept { count_ = 0; }

  /// The object at `address`, where `memory` lies. What was written where nobody looked is its latest store.
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
  /// Null where nothing is known.
  AtomicObject* known(const Cell& cell, std::uintptr_t address, std::uint32_t size) noexcept;
  /// What an acquire load of all that overlaps `object` learns.
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
