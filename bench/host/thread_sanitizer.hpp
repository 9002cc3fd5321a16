// Child processes of a racetrack built with ThreadSanitizer.
#pragma once

#include <filesystem>
#include <string>

#include "host/child_process.hpp"

namespace racetrack::host {

/// Returns whether this is such a build. Its stress engine is named tsan.
bool built_for_tsan();

/// The exit status of a child in which ThreadSanitizer has reported an error.
inline constexpr int kTsanReported = 66;

/// Returns the value of TSAN_OPTIONS for a child: it writes its reports to the files LOG.PROCESS, continues after each,
/// and exits with kTsanReported when there were any. `users` are the user's own options; they may change all others.
/// Throws Failure(usage) for a `log` that cannot be quoted in options.
std::string tsan_options(const std::string& users, const std::filesystem::path& log);

/// Returns whether the child ended at its start because the system had mapped something at the addresses of
/// ThreadSanitizer's shadow memory.
bool tsan_found_its_addresses_taken(const ChildOutcome& outcome);

/// Disables address space randomisation for later child processes. Returns false when it was disabled already. Throws
/// Failure(usage) with a remedy when the system refuses.
bool stop_randomising_addresses();

}  // namespace racetrack::host
