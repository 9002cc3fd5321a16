// Describes locks, stacks and threads of the deadlock detector as text (JSON as in deadlock/report.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// Adds "name" to every lock of the threads, and "function", "file" and "line" to every frame, from symbols and source
/// lines. Each element of `threads` is an array of threads.
void name_locks(const std::vector<nlohmann::json*>& threads);

/// Returns a frame's function and source line, or its module and offset.
std::string describe_frame(const nlohmann::json& frame);
/// Returns the lock's kind, address and name, without the place where it is taken.
std::string describe_lock(const nlohmann::json& lock);
/// Returns one line per frame.
std::string describe_stack(const nlohmann::json& lock, const char* indent);
/// Returns one paragraph per lock that the thread holds, with its stack; "" when it holds none.
std::string describe_holds(const nlohmann::json& thread);
/// Returns for example `thread 2 "name" (tid 4711)`.
std::string describe_thread_name(const nlohmann::json& thread);

/// Describes the innermost frame outside the headers of libraries, else the innermost frame.
std::string place_of(const nlohmann::json& lock);

}  // namespace racetrack::host
