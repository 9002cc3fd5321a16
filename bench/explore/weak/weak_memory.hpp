// Operations of a thread on the store histories of weak memory.
#pragma once

#include <cstdint>

#include "explore/weak/store_histories.hpp"

namespace racetrack::explore {

/// After so many reads of known values in a row, a thread reads the latest store, so that stores become visible in a
/// finite time.
inline constexpr std::uint32_t kMostRepeatedReads = 2;

/// Chooses the store that a load by the current thread reads, by the strategy among those that the model allows.
/// Returns the number of newer stores.
unsigned choose_store(const AtomicObject& object, int order);
/// The same for a compare-exchange. With any but the latest store it fails; a strong one must not fail with the
/// expected value.
unsigned choose_store_unequal(const AtomicObject& object, int order, Word128 expected, bool weak);

/// Adds to the latest event, a stale load, the store that it read and the latest store.
void record_stale_read(const AtomicObject& object, unsigned newer);
/// Records that the current thread has read the store that `newer` later ones have followed.
void read_store(AtomicObject& object, unsigned newer, int order);
/// Records a store of the current thread. `continues`: it is the write of a read-modify-write.
void add_store(AtomicObject& object, Word128 value, int order, bool continues);

/// Records a seq_cst fence of the current thread, before its clock ticks.
void add_sc_fence();
/// Records that the current thread has read the latest store without a load, as the kernel does in a futex operation.
void observe_latest(std::uintptr_t address, std::uint32_t size);

}  // namespace racetrack::explore
