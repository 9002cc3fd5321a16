// This process's side of the SharedPage.
#pragma once

#include <cstdint>

#include "deadlock/shared_page.hpp"

namespace racetrack::deadlock {

/// Maps the file and registers this process. `path` may be nullptr: nothing is shared.
void begin_sharing(const char* path) noexcept;

/// In the only thread of a new process: registers it.
void share_new_process() noexcept;

/// The page, or nullptr.
SharedPage* shared_page() noexcept;
/// This process's entry in it, or SharedPage::kMostProcesses. Async-signal-safe.
std::size_t shared_entry() noexcept;

inline constexpr std::uint32_t kNoCounter = ~0U;

/// A counter with the value 1; kNoCounter when nothing is shared, or all counters are used. Thread-safe.
std::uint32_t new_counter() noexcept;
/// Adds 1. Thread-safe.
void count(std::uint32_t counter) noexcept;

}  // namespace racetrack::deadlock
