// SIGINT and SIGQUIT, where their default action would end the process. Ctrl-C reaches the program and its host at the same time: the
// process waits until the host has inspected its threads, and then ends as it would have. The program does not notice: to it, the
// action is the default one.
#pragma once

#include <cstdint>

#include <signal.h>

namespace racetrack::deadlock {

/// At the start, after begin_sharing(). Does nothing without a host that inspects.
void begin_holding() noexcept;

/// Whether the detector's handler takes the place of the default action of `signal`.
[[nodiscard]] bool holds_signal(int signal) noexcept;
/// That handler, with its flags and mask.
[[nodiscard]] struct sigaction holding_action() noexcept;
/// Whether `action` is the detector's.
[[nodiscard]] bool is_holding(const struct sigaction& action) noexcept;

/// The signals whose handler is the detector's at this moment: bit n-1 for signal n.
[[nodiscard]] std::uint64_t held_signals() noexcept;

}  // namespace racetrack::deadlock
