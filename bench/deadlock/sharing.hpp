// This process's side of the SharedPage.
#pragma once

#include <cstdint>

#include "deadlock/shared_page.hpp"

namespace racetrack::deadlock {

/// Maps the file and registers this process. `path` may be nullptr: nothing is shared.
void begin_sharing(const char* path) noexcept;

/// Registers a new process. Call it in the child of a fork.
void share_new_process() noexcept;

/// Returns the page, or nullptr.
SharedPage* shared_page() noexcept;
/// Returns this process's entry in it, or SharedPage::kMostProcesses. Async-signal-safe.
std::size_t shared_entry() noexcept;

inline constexpr std::uint32_t kNoCounter = ~0U;

/// Returns a new counter with the value 1, or kNoCounter when nothing is shared or all counters are used. Thread-safe.
std::uint32_t new_counter() noexcept;
/// Adds 1 to the counter. Thread-safe.
void count(std::uint32_t counter) noexcept;

}  // namespace racetrack::deadlock
