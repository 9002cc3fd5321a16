// Reads information of the kernel about this process without the C library.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deadlock/arena.hpp"

namespace racetrack::deadlock {

struct TaskStatus {
  char state = '?';                  ///< R running, S asleep, D, T, Z, ...; '?' when there is no such task
  std::uint64_t switches = 0;        ///< context switches so far; unchanged means that the task has not run
  std::uint64_t caught_signals = 0;  ///< signals with a handler, bit n-1 for signal n
};

TaskStatus read_task_status(std::uint32_t thread_id) noexcept;

void read_task_name(std::uint32_t thread_id, char (&name)[16]) noexcept;

/// Lists the ids of all tasks of this process. Returns false when they cannot be read.
bool list_tasks(Array<std::uint32_t>& thread_ids) noexcept;

struct Mapping {
  std::uintptr_t begin, end;
  std::uint64_t offset;
  std::size_t name;  ///< index of the zero-terminated path in MemoryMap::text_
  bool shared;
};

/// A snapshot of /proc/self/maps. Not thread-safe.
class MemoryMap {
 public:
  void read() noexcept;
  /// Returns the mapping that contains `address`, or nullptr.
  [[nodiscard]] const Mapping* find(std::uintptr_t address) const noexcept;
  [[nodiscard]] const char* name(const Mapping& mapping) const noexcept { return &text_[mapping.name]; }

 private:
  Array<char> text_;
  Array<Mapping> mappings_;
};

}  // namespace racetrack::deadlock
