// Child processes of a racetrack that is built for ThreadSanitizer.
#pragma once

#include <filesystem>
#include <string>

#include "host/child_process.hpp"

namespace racetrack::host {

/// Is this that build? Its stress engine is called tsan.
bool built_for_tsan();

/// The exit status of a child that ThreadSanitizer has reported something in.
inline constexpr int kTsanReported = 66;

/// The value of TSAN_OPTIONS for a child: its reports go to the files LOG.PROCESS, it goes on after each, and ends with kTsanReported when
/// there were any. `users` are the user's own options, which may change what is not needed for that. Throws Failure(usage) for a
/// `log` that cannot be written in options.
std::string tsan_options(const std::string& users, const std::filesystem::path& log);

/// Did the child end before it began, because the system had put something where ThreadSanitizer's shadow memory goes?
bool tsan_found_its_addresses_taken(const ChildOutcome& outcome);

/// From here on child processes get addresses that are not random. False when that is the case already. Throws
/// Failure(usage), which says what to do, when the system refuses.
bool stop_randomising_addresses();

}  // namespace racetrack::host
