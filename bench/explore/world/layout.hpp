// Where the explored world lies: at the same addresses in every execution and every process, so that what a subject computes
// from an address (a hash, an order) repeats.
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/happens_before/vector_clock.hpp"

namespace racetrack::explore {

inline constexpr std::uintptr_t kWorldBase = 0x1000'0000'0000;
/// Addresses that the subject's heap may take. Memory is mapped as it is used.
inline constexpr std::size_t kArenaSize = std::size_t{8} << 30;
/// Bytes that an execution may allocate, where no option says otherwise.
inline constexpr std::size_t kUsualLimit = std::size_t{64} << 20;
/// Per thread: a guard page, the stack of its fiber, and above it the parked system thread whose thread-local storage it uses.
inline constexpr std::size_t kStackSize = std::size_t{512} << 10;
inline constexpr std::size_t kStacksSize = kMostThreads * kStackSize;
inline constexpr std::size_t kWorldSize = kArenaSize + kStacksSize;
inline constexpr std::uintptr_t kStacksBase = kWorldBase + kArenaSize;
/// Shadow of the world, far from it.
inline constexpr std::uintptr_t kShadowBase = 0x1100'0000'0000;
/// The explorer's own heap: between executions and in the explorer's own code, malloc takes memory from here.
inline constexpr std::uintptr_t kOwnHeapBase = 0x1200'0000'0000;
inline constexpr std::size_t kOwnHeapSize = std::size_t{32} << 30;

inline bool in_arena(std::uintptr_t address) noexcept { return address - kWorldBase < kArenaSize; }
inline bool in_world(std::uintptr_t address) noexcept { return address - kWorldBase < kWorldSize; }
inline bool in_own_heap(std::uintptr_t address) noexcept { return address - kOwnHeapBase < kOwnHeapSize; }

/// Other memory of the explorer, and the end of all of it.
inline constexpr std::uintptr_t kOwnMappingsBase = 0x1300'0000'0000, kOwnEnd = 0x1400'0000'0000;

/// Maps `size` bytes of zeroes at `address`, or for 0 behind the latest such mapping from kOwnMappingsBase on. Ends the process with one line when memory is short.
void* map_memory(std::uintptr_t address, std::size_t size);

}  // namespace racetrack::explore
