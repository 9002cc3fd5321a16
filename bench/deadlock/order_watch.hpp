// The lock order of this process: the one OrderGraph, and its lock.
#pragma once

#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

/// In the only thread of a new process: an order that another thread was changing during the fork is forgotten. `survivor` may be nullptr.
void restart_order_watch(ThreadRecord* survivor) noexcept;

}  // namespace racetrack::deadlock
