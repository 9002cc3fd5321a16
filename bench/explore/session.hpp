// A stretch of executions of one subject: from its beginning to its end the process is the explorer's.
#pragma once

#include <cstddef>
#include <optional>

#include "explore/interpose/time_stamp.hpp"
#include "explore/world/fill.hpp"
#include "explore/world/layout.hpp"

namespace racetrack::explore {

/// How the world of an execution is made. The first session of the process fixes the limits.
struct WorldOptions {
  unsigned threads = kUsualThreads;        ///< of an execution, the first one included; at most kMostThreads
  std::size_t memory_limit = kUsualLimit;  ///< bytes that an execution may allocate
  Fill fill = Fill::pattern;
};
/// A replay needs no limits: the execution is known to end.
inline constexpr WorldOptions kWorldOfReplays{.threads = kMostThreads, .memory_limit = kArenaSize / 2};

/// While one lives, executions find the world as it was at its beginning: variables of the subject's module and of all libraries, the heap of before,
/// the environment. The subject's output is caught, and the time stamp counter shows virtual time. At its end all is as
/// at its beginning. Sessions may be nested: the inner ones do nothing.
///
/// Not thread-safe: begun and ended by the system thread that drives executions.
class Session {
 public:
  /// `subject`: an address inside the module whose variables are put back; null for none but the libraries'.
  explicit Session(const void* subject, const WorldOptions& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::optional<TrappedTimeStamps> time_stamps_;
};

}  // namespace racetrack::explore
