// Call stacks of this thread.
#pragma once

#include <cstdint>

#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

/// The return addresses from the frame that `at` lies in outwards; the detector's own frames are left out. Allocates nothing.
void capture_stack(Stack& stack, std::uintptr_t at) noexcept;

/// A copy that lives for ever, the same for the same frames. Thread-safe.
const Stack* keep_stack(const Stack& stack) noexcept;

/// In the only thread of a new process.
void reset_stack_lock() noexcept;

}  // namespace racetrack::deadlock
