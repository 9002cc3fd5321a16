// The interface of the detector for a program that it is preloaded into. The program does not link with it: it looks
// the symbol up in itself (dlsym), and finds none without the detector.
#pragma once

#include <cstdint>

namespace racetrack::deadlock {

/// Kinds of findings, as bits.
enum Found : std::uint32_t {
  kFoundDeadlock = 1,
  kFoundLostWakeup = 2,
  kFoundPotentialDeadlock = 4,
  kFoundMisuse = 8,
};

struct Interface {
  /// Returns the kinds of findings since the process began. Thread-safe.
  std::uint32_t (*found)() noexcept;

  /// supervise(true): until supervise(false), the calling thread only watches the others, in waits with a time-out. The
  /// detector then assumes that the supervisor never wakes them, and does not end a deadlocked process, so that the
  /// supervisor can report it. Without a supervisor the process ends as kActionVariable requests. At most one
  /// supervisor at a time.
  void (*supervise)(bool on) noexcept;

  /// Makes every thread call `act` (nullptr: nothing) before and after it takes a lock, after it releases one, and
  /// before it waits for a condition. `act` must not use locks. Thread-safe.
  void (*disturb_with)(void (*act)() noexcept) noexcept;
};

/// Name of the detector's own thread.
inline constexpr char kMonitorName[] = "racetrack-wait";

inline constexpr char kInterfaceSymbol[] = "racetrack_deadlock_interface";

}  // namespace racetrack::deadlock
