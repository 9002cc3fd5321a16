// Synchronisation objects on the stacks of the subject's threads: they end with their frame, without a call.
#pragma once

#include <cstdint>

#include "explore/thread.hpp"
#include "explore/world/layout.hpp"

namespace racetrack::explore {

inline bool on_a_stack(std::uintptr_t address) noexcept { return address - kStacksBase < kMostThreads * kStackSize; }
/// Whether `address` is on a stack, in a frame that its function has left. False when this is not certain, because a later frame may
/// be there. Call it while the current thread is in the explorer.
bool on_a_left_frame(std::uintptr_t address) noexcept;
/// For add_stack_object: no object of Runtime::objects.
inline constexpr std::uint32_t kNoObject = ~std::uint32_t{0};
/// Registers the object with index `index` in Runtime::objects, at `address` on a stack, or an atomic that has a history of stores.
void add_stack_object(std::uintptr_t address, std::uint32_t index);
/// Forgets the objects in the frame that the current thread's innermost function is about to leave. `exit_frame`: the frame of the
/// function that is called at that moment.
void forget_left_frame(Thread& thread, std::uintptr_t exit_frame) noexcept;

}  // namespace racetrack::explore
