// What a thread does to the histories of weak memory.
#pragma once

#include <cstdint>

#include "explore/weak/store_histories.hpp"

namespace racetrack::explore {

/// Looks in a row that found nothing new after which a thread gets the latest store: stores become visible in a finite time.
inline constexpr std::uint32_t kMostStaleLooks = 2;

/// Which store a load by the current thread reads, as the strategy chooses among those that nothing hides: how many newer ones there are.
unsigned choose_store(const AtomicObject& object, int order);
/// The same for a compare-exchange that fails with any but the latest: a strong one does not fail with the value that it expects.
unsigned choose_store_unequal(const AtomicObject& object, int order, Word128 expected, bool weak);

/// The event told last was a load of that store: what was newer is told with it.
void tell_stale(const AtomicObject& object, unsigned newer);
/// The current thread has read the store that is older than `newer` others.
void read_store(AtomicObject& object, unsigned newer, int order);
/// `continues`: by a read-modify-write.
void add_store(AtomicObject& object, Word128 value, int order, bool continues);

/// Before the clock of the current thread ticks.
void add_sc_fence();
/// The current thread has found the latest store in another way, as the kernel does for it.
void see_latest(std::uintptr_t address, std::uint32_t size);

}  // namespace racetrack::explore
