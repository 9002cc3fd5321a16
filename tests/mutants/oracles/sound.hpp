// Histories without a fault, one kind for each kind of subject that oracles check.
#pragma once

#include <cstdint>

#include <racetrack/history.hpp>

namespace racetrack::testing {

/// Four threads take a lock in turns; each waits until its predecessor has released it.
History turns_of_a_lock(std::uint64_t seed);

/// Thread 0 submits tasks and queries their futures; threads 1 and 2 run them. Some tasks throw.
History tasks_of_a_pool(std::uint64_t seed);

/// Two producers and two consumers use a first-in-first-out queue that holds 8 items.
History items_of_a_queue(std::uint64_t seed);

}  // namespace racetrack::testing
