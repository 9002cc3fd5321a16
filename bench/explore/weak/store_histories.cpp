#include "explore/weak/store_histories.hpp"

#include <string>

#include "explore/runtime.hpp"

namespace racetrack::explore {
namespace {

constexpr std::uint32_t kMostAtomics = 65536;

}  // namespace

void StoreHistories::prepare() {
  if (objects_ == nullptr) objects_ = static_cast<AtomicObject*>(map_memory(0, kMostAtomics * sizeof(AtomicObject)));
}

template <class Visit>
void StoreHistories::for_each_in(const Cell& cell, std::uintptr_t address, std::size_t size, Visit visit) noexcept {
  for (std::uint32_t i = cell.atomics; i != 0; i = objects_[i - 1].next) {
    const AtomicObject& entry = objects_[i - 1];
    if (entry.address < address + size && address < entry.address + entry.size) visit(objects_[entry.whole]);
  }
}

AtomicObject* StoreHistories::known(const Cell& cell, std::uintptr_t address, std::uint32_t size) noexcept {
  AtomicObject* found = nullptr;
  for_each_in(cell, address, size, [&](AtomicObject& object) {
    if (object.address == address && object.size == size) found = &object;
  });
  return found;
}

AtomicObject& StoreHistories::find_or_make(Cell& cell, std::uintptr_t address, std::uint32_t size, Word128 memory) {
  AtomicObject* object = known(cell, address, size);
  if (object == nullptr) object = &make(cell, address, size);
  StoreHistory& stores = object->stores;
  if (!stores.empty() && stores.at(0).value == memory) return *object;
  VectorClock released;
  // A plain write or uninstrumented code has changed the memory. The clock of the latest store is taken to hold on.
  if (!stores.empty()) released = stores.at(0).released;
  // An interposed function has written, for example to the guard of a static variable: it has published like a lock.
  if (cell.object != 0) released.join(object_in(cell, address).released);
  stores.begin(memory);
  stores.at(0).released = released;
  return *object;
}

AtomicObject& StoreHistories::make(Cell& cell, std::uintptr_t address, std::uint32_t size) {
  if (count_ + 2 > kMostAtomics) refuse("more than " + std::to_string(kMostAtomics) + " atomics in one execution");
  bool overlaps = false;
  const auto meet = [&](AtomicObject& other) { overlaps = other.overlaps = true; };
  for_each_in(cell, address, size, meet);
  Cell* const second = size > 8 ? &runtime.shadow.cell(address + 8) : nullptr;
  if (second != nullptr) for_each_in(*second, address, size, meet);

  if (overlaps) add_note("not tried: stale reads of memory that atomics of different sizes access");
  if (on_a_stack(address)) add_stack_object(address, kNoObject);

  const std::uint32_t index = count_++;
  AtomicObject& made = objects_[index];
  made.address = address;
  made.size = size;
  made.next = cell.atomics;
  made.whole = index;
  made.overlaps = overlaps;
  made.stores.forget();
  cell.atomics = index + 1;
  if (second != nullptr) {
    AtomicObject& half = objects_[count_++];
    half.address = address;
    half.size = size;
    half.next = second->atomics;
    half.whole = index;
    second->atomics = count_;
  }
  return made;
}

VectorClock StoreHistories::released_by_all(const AtomicObject& object) noexcept {
  VectorClock released;
  const auto add = [&](const AtomicObject& other) {
    if (!other.stores.empty()) released.join(other.stores.at(0).released);
  };
  for (std::uintptr_t at = object.address & ~std::uintptr_t{7}; at < object.address + object.size; at += 8) {
    for_each_in(runtime.shadow.cell(at), object.address, object.size, add);
  }
  return released;
}

}  // namespace racetrack::explore
