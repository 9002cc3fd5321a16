// Names for IPC objects that outlive their processes until they are unlinked: shared memory and message queues.
#pragma once

#include <string>

#include <sys/types.h>

namespace racetrack {

/// Returns the name for an object that `process` creates and unlinks at once; it may have only one such object at a
/// time. When the process is killed between the two calls, the host unlinks the name.
inline std::string transient_name(pid_t process) { return "/racetrack-" + std::to_string(process); }

}  // namespace racetrack
