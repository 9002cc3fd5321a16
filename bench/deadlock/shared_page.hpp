// Memory that a program's processes share with the host that started them: a file, mapped by all. It carries the numbers that change
// after a finding has been reported, and shows the host where each process keeps its threads.
//
// All fields are atomic; zero means "none". A process that cannot map the file does without it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

/// The first object that the host reads in the memory of a watched process.
struct ProcessView {
  static constexpr std::uint64_t kMagic = 0x7261636574726b31;
  std::uint64_t magic;
  const ThreadTable* threads;
};

struct SharedPage {
  static constexpr std::size_t kMostProcesses = 1024;
  static constexpr std::size_t kMostCounters = std::size_t{1} << 18U;

  std::atomic<std::uint32_t> counters_used;
  std::atomic<std::uint32_t> processes_left_out;  ///< because all entries were taken

  /// An entry is free when its process number is 0, or no such process exists.
  std::atomic<std::int32_t> processes[kMostProcesses];
  std::atomic<std::uintptr_t> views[kMostProcesses];  ///< addresses of ProcessView in these processes

  std::atomic<std::uint32_t> counters[kMostCounters];  ///< how often a finding was met, by its "counter"
};

}  // namespace racetrack::deadlock
