// A session: a sequence of executions of one subject, in which the explorer controls the process.
#pragma once

#include <cstddef>
#include <optional>

#include "explore/interpose/time_stamp.hpp"
#include "explore/world/fill.hpp"
#include "explore/world/layout.hpp"

namespace racetrack::explore {

/// The world of an execution. The first session of the process fixes the limits.
struct WorldOptions {
  unsigned threads = kUsualThreads;        ///< limit for an execution, the first thread included; at most kMostThreads
  std::size_t memory_limit = kUsualLimit;  ///< bytes that an execution may allocate
  Fill fill = Fill::pattern;
};
/// A replay needs no limits: its execution is known to end.
inline constexpr WorldOptions kWorldOfReplays{.threads = kMostThreads, .memory_limit = kArenaSize / 2};

/// While one exists, each execution finds the world as at the beginning of the session: variables of the subject's
/// module and of all libraries, the heap, the environment. The subject's output is captured, and the time stamp counter
/// shows virtual time. At the end everything is as at the beginning. Inner sessions do nothing.
///
/// Not thread-safe: used by the system thread that runs executions.
class Session {
 public:
  /// `subject`: an address inside the module whose variables are restored; null: only those of the libraries are.
  explicit Session(const void* subject, const WorldOptions& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::optional<TrappedTimeStamps> time_stamps_;
};

}  // namespace racetrack::explore
