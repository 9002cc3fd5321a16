// The deadlock detector as seen from a process that it watches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deadlock/in_process.hpp"

namespace racetrack::stress {

/// At most one at a time. Absent when the detector was not preloaded: then it finds nothing.
class LockGraph {
 public:
  /// From now on, threads that run roles are disturbed at their lock operations too.
  LockGraph();
  ~LockGraph();
  LockGraph(const LockGraph&) = delete;
  LockGraph& operator=(const LockGraph&) = delete;

  [[nodiscard]] bool present() const noexcept { return detector_ != nullptr; }
  /// Threads are stuck for ever. Thread-safe.
  [[nodiscard]] bool found_stuck() const noexcept;
  /// Kinds found since the last call.
  std::vector<std::string> new_kinds();

  /// See deadlock::Interface.
  void supervise(bool on) const noexcept;

 private:
  const deadlock::Interface* detector_;
  std::uint32_t told_ = 0;
};

}  // namespace racetrack::stress
