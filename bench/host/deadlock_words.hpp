// Locks, stacks and threads of the deadlock detector (JSON as in deadlock/report.hpp), named and put into words.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// Gives every lock of the threads its "name" and every frame its "function", "file" and "line", from symbols and source lines.
/// `threads` are arrays of threads.
void name_locks(const std::vector<nlohmann::json*>& threads);

/// A frame by its function and source line, or by its module.
std::string describe_frame(const nlohmann::json& frame);
/// Without the place.
std::string describe_lock(const nlohmann::json& lock);
/// One line for each frame.
std::string describe_stack(const nlohmann::json& lock, const char* indent);
/// The locks that a thread holds, with their stacks; several lines, or none.
std::string describe_holds(const nlohmann::json& thread);
/// `thread 2 "name" (tid 4711)`
std::string describe_thread_name(const nlohmann::json& thread);

/// The innermost frame outside the headers of libraries.
std::string place_of(const nlohmann::json& lock);

}  // namespace racetrack::host
