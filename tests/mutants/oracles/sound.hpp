// Histories in which nothing is wrong, one kind for each kind of subject that oracles judge.
#pragma once

#include <cstdint>

#include <racetrack/history.hpp>

namespace racetrack::testing {

/// Four threads take turns in a lock; each waits while the one before is inside.
History turns_of_a_lock(std::uint64_t seed);

/// Thread 0 submits tasks and asks their futures, threads 1 and 2 run them. Some of them throw.
History tasks_of_a_pool(std::uint64_t seed);

/// Two producers, two consumers, a first-in-first-out queue that holds 8 items.
History items_of_a_queue(std::uint64_t seed);

}  // namespace racetrack::testing
