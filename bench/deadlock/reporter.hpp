// Writes findings: one line of JSON each (see report.hpp), without the C library, from any thread.
#pragma once

#include <cstdint>

#include "deadlock/order_graph.hpp"
#include "deadlock/thread_record.hpp"
#include "deadlock/wait_graph.hpp"

namespace racetrack::deadlock {

/// `path` may be nullptr: standard error. Not thread-safe.
void set_report_path(const char* path) noexcept;

void report_loaded() noexcept;
/// Once for each set of waits.
void report_deadlock(const Cycle& cycle) noexcept;
void report_lost_wakeup(const Array<ThreadRecord*>& waiting) noexcept;
/// `counter`: how often it was met, or kNoCounter (see sharing.hpp).
void report_potential_deadlock(const OrderEdge* edges, std::size_t count, std::uint32_t counter) noexcept;
/// `holder` may be nullptr: nobody holds it.
void report_unlock_not_held(const ThreadRecord& thread, const ThreadRecord* holder, std::uintptr_t address, Kind kind,
                            std::uintptr_t at, const Stack& stack) noexcept;

/// See Interface::found.
std::uint32_t kinds_found() noexcept;

/// In the only thread of a new process.
void reset_report_lock() noexcept;

}  // namespace racetrack::deadlock
