// Holds a process at SIGINT and SIGQUIT when their default action would end it. Ctrl-C reaches the program and its host
// at the same time: the process waits until the host has inspected its threads, and then ends as by the default action.
// The program does not notice the detector's handler; sigaction() shows it the default action.
#pragma once

#include <cstdint>

#include <signal.h>

namespace racetrack::deadlock {

/// Installs the handlers. Call it at the start, after begin_sharing(). Does nothing when the host does not inspect
/// processes.
void begin_holding() noexcept;

/// Returns whether the detector's handler replaces the default action of `signal`.
[[nodiscard]] bool holds_signal(int signal) noexcept;
/// Returns that handler, with its flags and mask.
[[nodiscard]] struct sigaction holding_action() noexcept;
/// Returns whether `action` is the detector's.
[[nodiscard]] bool is_holding(const struct sigaction& action) noexcept;

/// Returns the signals that currently have the detector's handler: bit n-1 for signal n.
[[nodiscard]] std::uint64_t held_signals() noexcept;

}  // namespace racetrack::deadlock
