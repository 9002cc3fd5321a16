// Call stacks of this thread.
#pragma once

#include <cstdint>

#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

/// Stores the return addresses from the frame with return address `at` outwards, without the detector's own frames.
/// Allocates nothing.
void capture_stack(Stack& stack, std::uintptr_t at) noexcept;

/// Returns a copy that is never freed; equal stacks get the same copy. Thread-safe.
const Stack* keep_stack(const Stack& stack) noexcept;

/// Resets the lock in the child of a fork.
void reset_stack_lock() noexcept;

}  // namespace racetrack::deadlock
