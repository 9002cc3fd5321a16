// The lock order of this process: the only OrderGraph, and its lock.
#pragma once

#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

/// Call it in the child of a fork. If another thread was changing the graph during the fork, clears it. `survivor` may
/// be nullptr.
void restart_order_watch(ThreadRecord* survivor) noexcept;

}  // namespace racetrack::deadlock
