// Memory that a program's processes share with the host that started them: a file that all of them map. It contains the
// counters that change after a finding has been reported, and shows the host where each process keeps its thread
// records.
//
// All fields are atomic; zero means "none". A process that cannot map the file works without it.
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

/// A thread interrupted by a signal whose default action would end its process. It waits until the host has inspected
/// the process.
struct Interrupted {
  std::atomic<std::int32_t> signal;  ///< 0: none
  std::atomic<std::int32_t> task;
  std::atomic<std::uintptr_t> pc, stack;
  /// The register that contains the number of a system call and, after the call, its result.
  std::atomic<std::int64_t> number;
  std::atomic<std::uintptr_t> arguments[6];
};

struct SharedPage {
  static constexpr std::size_t kMostProcesses = 1024;
  static constexpr std::size_t kMostCounters = std::size_t{1} << 18U;

  std::atomic<std::uint32_t> counters_used;
  std::atomic<std::uint32_t> processes_left_out;  ///< processes without an entry, because all were taken

  /// Set by a host that inspects interrupted processes. The detector takes over the default action of SIGINT and
  /// SIGQUIT only then.
  std::atomic<std::uint32_t> host_inspects;
  std::atomic<std::uint32_t> holding;   ///< number of times that a process began to wait for the host
  std::atomic<std::uint32_t> released;  ///< a futex: changes after the host has inspected the processes

  /// An entry is free when its process number is 0, or no such process exists.
  std::atomic<std::int32_t> processes[kMostProcesses];
  std::atomic<std::uintptr_t> views[kMostProcesses];  ///< addresses of ProcessView in these processes
  Interrupted interrupted[kMostProcesses];

  std::atomic<std::uint32_t> counters[kMostCounters];  ///< occurrences of a finding, indexed by its "counter"
};

}  // namespace racetrack::deadlock
