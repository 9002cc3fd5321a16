// Synchronisation objects on the stacks of the subject's threads. They end with their frame, without a call.
#pragma once

#include <cstdint>

#include "explore/thread.hpp"
#include "explore/world/layout.hpp"

namespace racetrack::explore {

inline bool on_a_stack(std::uintptr_t address) noexcept { return address - kStacksBase < kMostThreads * kStackSlot; }
/// Whether `address` is on a stack, in a frame that has returned. False when that is not certain, because a later frame
/// may be there. Call it while the current thread is in the explorer.
bool on_a_left_frame(std::uintptr_t address) noexcept;
/// Argument of add_stack_object for an atomic without an object in Runtime::objects.
inline constexpr std::uint32_t kNoObject = ~std::uint32_t{0};
/// Registers the object with this index in Runtime::objects, or an atomic with a store history, at `address` on a
/// stack.
void add_stack_object(std::uintptr_t address, std::uint32_t index);
/// Forgets the objects in the frame of the current thread's innermost function, which is about to return. `exit_frame`
/// is the frame of the function that it calls for that.
void forget_left_frame(Thread& thread, std::uintptr_t exit_frame) noexcept;

}  // namespace racetrack::explore
