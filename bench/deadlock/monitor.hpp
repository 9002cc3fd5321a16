// The detector's own thread, for what no blocked thread can see by itself: that all of them are asleep, or that one which was
// woken from a condition waits for its mutex. It is made when first needed, sleeps while nothing is suspected, and takes no
// part in the program: it has no C library, and takes no signals.
#pragma once

#include "deadlock/wait_graph.hpp"

namespace racetrack::deadlock {

/// All threads may be waiting, or some `Want::suspect` has been set. Cheap; thread-safe.
void alert_monitor() noexcept;

/// In the only thread of a new process: it is not there.
void forget_monitor() noexcept;

/// Whether all of `cycle` stands: each thread is asleep in its wait. Waits until that is certain. `start` itself is not
/// asked when it is the caller. Called without locks.
enum class Verdict { stands, changed };
Verdict confirm(const Cycle& cycle, const ThreadRecord* caller) noexcept;

/// The lock facts of this process.
const LockFacts& lock_facts() noexcept;

/// Ends the process when the settings ask for it.
void end_if_asked(bool flush_output) noexcept;

}  // namespace racetrack::deadlock
