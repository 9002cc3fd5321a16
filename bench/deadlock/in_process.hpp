// What a program that knows of the detector may ask of it once it has been preloaded. The program does not link with it: it
// looks the symbol up in itself (dlsym), and finds none when nothing was preloaded.
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
  /// What was found since the process began. Thread-safe.
  std::uint32_t (*found)() noexcept;

  /// True: until it says false, the calling thread only watches the others, in waits with a time-out: that it could wake them
  /// is no hope for them, and a process that is found stuck goes on, so that this thread can report it. Without a
  /// supervisor the process ends as kActionVariable says. One thread at a time.
  void (*supervise)(bool on) noexcept;

  /// From now on `act` (nullptr: nothing) is called by every thread before it takes a lock, when it has it, after it has released
  /// one, and before it waits for a condition. It must not use locks. Thread-safe.
  void (*disturb_with)(void (*act)() noexcept) noexcept;
};

/// The detector's own thread.
inline constexpr char kMonitorName[] = "racetrack-wait";

inline constexpr char kInterfaceSymbol[] = "racetrack_deadlock_interface";

}  // namespace racetrack::deadlock
