// The addresses of the explored world. They are the same in every execution and every process, so that values which a
// subject computes from addresses (a hash, an order) repeat.
#pragma once

#include <cstddef>
#include <cstdint>

#include "explore/happens_before/vector_clock.hpp"

namespace racetrack::explore {

inline constexpr std::uintptr_t kWorldBase = 0x1000'0000'0000;
/// Size of the address range of the subject's heap. Memory is mapped when it is needed.
inline constexpr std::size_t kArenaSize = std::size_t{8} << 30;
/// Default limit of the bytes that an execution may allocate.
inline constexpr std::size_t kUsualLimit = std::size_t{64} << 20;
/// Size of the address range of each thread. From the lowest address: the guard, the stack of its fiber, and the parked
/// system thread whose thread-local storage it uses.
inline constexpr std::size_t kStackSlot = std::size_t{64} << 20;
/// The stack size of a thread that does not set one, as on the system.
inline constexpr std::size_t kUsualStack = std::size_t{8} << 20;
/// The largest stack size that a thread may set. The rest of its address range is the guard, which a frame of the same
/// size cannot skip.
inline constexpr std::size_t kLargestStack = std::size_t{30} << 20;
inline constexpr std::size_t kStacksSize = kMostThreads * kStackSlot;
inline constexpr std::size_t kWorldSize = kArenaSize + kStacksSize;
inline constexpr std::uintptr_t kStacksBase = kWorldBase + kArenaSize;
/// The shadow of the world, far from the world.
inline constexpr std::uintptr_t kShadowBase = 0x1100'0000'0000;
/// The explorer's own heap: between executions and in the explorer's own code, malloc takes memory from here.
inline constexpr std::uintptr_t kOwnHeapBase = 0x1200'0000'0000;
inline constexpr std::size_t kOwnHeapSize = std::size_t{32} << 30;

inline bool in_arena(std::uintptr_t address) noexcept { return address - kWorldBase < kArenaSize; }
inline bool in_world(std::uintptr_t address) noexcept { return address - kWorldBase < kWorldSize; }
inline bool in_own_heap(std::uintptr_t address) noexcept { return address - kOwnHeapBase < kOwnHeapSize; }

/// Other memory of the explorer, and the end of all its memory.
inline constexpr std::uintptr_t kOwnMappingsBase = 0x1300'0000'0000, kOwnEnd = 0x1400'0000'0000;

/// Maps `size` zero bytes at `address`, or for 0 after the previous such mapping, from kOwnMappingsBase on. Ends the
/// process with one line when memory is short.
void* map_memory(std::uintptr_t address, std::size_t size);

}  // namespace racetrack::explore
