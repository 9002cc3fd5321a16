// Writes findings, one line of JSON each (see report.hpp), without the C library. Thread-safe.
#pragma once

#include <cstdint>

#include "deadlock/order_graph.hpp"
#include "deadlock/thread_record.hpp"
#include "deadlock/wait_graph.hpp"

namespace racetrack::deadlock {

/// Sets the file for reports; nullptr: standard error. Not thread-safe.
void set_report_path(const char* path) noexcept;

void report_loaded() noexcept;
/// Reports each set of waits once.
void report_deadlock(const Cycle& cycle) noexcept;
void report_lost_wakeup(const Array<ThreadRecord*>& waiting) noexcept;
/// `counter`: the shared counter of the finding, or kNoCounter (see sharing.hpp).
void report_potential_deadlock(const OrderEdge* edges, std::size_t count, std::uint32_t counter) noexcept;
/// `holder`: the thread that holds the lock, or nullptr when none does.
void report_unlock_not_held(const ThreadRecord& thread, const ThreadRecord* holder, std::uintptr_t address, Kind kind,
                            std::uintptr_t at, const Stack& stack) noexcept;

/// See Interface::found.
std::uint32_t kinds_found() noexcept;

/// Resets the lock in the child of a fork.
void reset_report_lock() noexcept;

}  // namespace racetrack::deadlock
