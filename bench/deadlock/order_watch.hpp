// The lock order of this process: the one OrderGraph, and its lock.
#pragma once

namespace racetrack::deadlock {

/// Around a fork, so that the child finds the graph whole.
void lock_order_watch() noexcept;
void unlock_order_watch() noexcept;

}  // namespace racetrack::deadlock
