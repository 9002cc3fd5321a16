// What the kernel tells a process of itself, read without the C library.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deadlock/arena.hpp"

namespace racetrack::deadlock {

struct TaskStatus {
  char state = '?';                  ///< R running, S asleep, D, T, Z, ...; '?' when there is no such task
  std::uint64_t switches = 0;        ///< of context, so far: unchanged means that it has not run
  std::uint64_t caught_signals = 0;  ///< handlers of the process, bit n-1 for signal n
};

TaskStatus read_task_status(std::uint32_t thread_id) noexcept;

void read_task_name(std::uint32_t thread_id, char (&name)[16]) noexcept;

/// The ids of all tasks of this process. False when they cannot be read.
bool list_tasks(Array<std::uint32_t>& thread_ids) noexcept;

struct Mapping {
  std::uintptr_t begin, end;
  std::uint64_t offset;
  std::size_t name;  ///< where the path begins in MemoryMap::text; it ends with a zero
  bool shared;
};

/// /proc/self/maps at one moment. Not thread-safe.
class MemoryMap {
 public:
  void read() noexcept;
  /// The mapping that holds `address`, or nullptr.
  [[nodiscard]] const Mapping* find(std::uintptr_t address) const noexcept;
  [[nodiscard]] const char* name(const Mapping& mapping) const noexcept { return &text_[mapping.name]; }

 private:
  Array<char> text_;
  Array<Mapping> mappings_;
};

}  // namespace racetrack::deadlock
