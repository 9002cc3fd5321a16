// The detector's own thread. It detects two conditions that no blocked thread can detect: all threads are asleep, or a
// thread woken from a condition waits for its mutex. The thread is created when first needed and sleeps while nothing
// is suspected. It uses no C library and blocks all signals, so it does not affect the program.
#pragma once

#include "deadlock/wait_graph.hpp"

namespace racetrack::deadlock {

/// Wakes the monitor, because all threads may be waiting or a `Want::suspect` has been set. Cheap; thread-safe.
void alert_monitor() noexcept;

/// Call it in the child of a fork, where the monitor does not exist.
void forget_monitor() noexcept;

/// Waits until it is certain that all threads of `cycle` are asleep in their waits, or that one has left its wait. Does
/// not check `caller` itself. Call it without locks.
enum class Verdict { stands, changed };
Verdict confirm(const Cycle& cycle, const ThreadRecord* caller) noexcept;

/// Returns the lock facts of this process.
const LockFacts& lock_facts() noexcept;

/// Ends the process if the settings require it.
void end_if_asked(bool flush_output) noexcept;

}  // namespace racetrack::deadlock
