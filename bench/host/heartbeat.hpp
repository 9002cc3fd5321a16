// A counter through which a child process shows the host that it runs rounds under its own watchdog.
#pragma once

#include <cstdint>

#include <racetrack/descriptor.hpp>

namespace racetrack::host {

/// The host's end: an anonymous file that the child maps.
class HeartbeatFile {
 public:
  /// Throws Failure(harness) when the system refuses the file.
  HeartbeatFile();

  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
  /// Returns the number of beats so far; 0 when the file is unreadable.
  [[nodiscard]] std::uint64_t beats() const noexcept;

 private:
  Descriptor file_;
};

/// The child's end. Beats do nothing when the file cannot be mapped: the host then counts the whole time.
class Heartbeat {
 public:
  /// Maps the file and closes `descriptor`, so that the subject cannot use it.
  explicit Heartbeat(int descriptor) noexcept;
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// Counts one beat. For one thread; costs a store.
  void beat() noexcept;

 private:
  std::uint64_t* beats_ = nullptr;
};

}  // namespace racetrack::host
