#include "explore/abi/memory.hpp"

#include <array>

namespace racetrack::explore {
namespace {

/// A mask of the bytes that `object` shares with the `size` bytes at `address`. All of them when the object is not
/// atomic and begins at `address`.
unsigned common_bytes(const SyncObject& object, std::uintptr_t address, std::size_t size) noexcept {
  const unsigned all = (1U << size) - 1U;
  if (object.size == 0) return object.address == address ? all : 0;
  const unsigned its = (1U << object.size) - 1U;
  if (object.address >= address + size || address >= object.address + object.size) return 0;
  return all & (object.address >= address ? its << (object.address - address) : its >> (address - object.address));
}

}  // namespace

void acquire_from_overlapping(const Cell& cell, std::uintptr_t address, std::size_t size, VectorClock& into) noexcept {
  unsigned unread = (1U << size) - 1U;
  std::uint32_t before = ~std::uint32_t{0};
  // Searches from the latest store back, until every byte has been found. A cell has at most eight objects that begin
  // there.
  while (unread != 0) {
    const SyncObject* latest = nullptr;
    for (std::uint32_t i = cell.object; i != 0; i = runtime.objects[i - 1].next) {
      const SyncObject& object = runtime.objects[i - 1];
      if (object.stored >= before || (common_bytes(object, address, size) & unread) == 0) continue;
      if (latest == nullptr || object.stored > latest->stored) latest = &object;
    }
    if (latest == nullptr) return;
    into.join(latest->released);
    before = latest->stored;
    // A lock or an annotation publishes without a store, so earlier stores still count.
    if (latest->size != 0) unread &= ~common_bytes(*latest, address, size);
  }
}

}  // namespace racetrack::explore
