// The interface of a watched process to the deadlock detector.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deadlock/in_process.hpp"

namespace racetrack::stress {

/// Access to the detector that is preloaded into this process. Without a preloaded detector it finds nothing. At most
/// one object exists at a time.
class LockGraph {
 public:
  /// From now on, threads that run roles are disturbed at their lock operations too.
  LockGraph();
  ~LockGraph();
  LockGraph(const LockGraph&) = delete;
  LockGraph& operator=(const LockGraph&) = delete;

  /// Returns whether the detector is preloaded.
  [[nodiscard]] bool present() const noexcept { return detector_ != nullptr; }
  /// Returns whether the detector has found threads that can never continue. Thread-safe.
  [[nodiscard]] bool found_stuck() const noexcept;
  /// Returns the kinds found since the last call.
  std::vector<std::string> new_kinds();

  /// See deadlock::Interface.
  void supervise(bool on) const noexcept;

 private:
  const deadlock::Interface* detector_;
  std::uint32_t reported_ = 0;
};

}  // namespace racetrack::stress
