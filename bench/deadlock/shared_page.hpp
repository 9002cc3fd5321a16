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

/// A thread that a signal has interrupted, where the default action would end its process: it waits until the host has inspected it.
struct Interrupted {
  std::atomic<std::int32_t> signal;  ///< 0: none
  std::atomic<std::int32_t> task;
  std::atomic<std::uintptr_t> pc, stack;
  std::atomic<std::int64_t> number;  ///< the register with the number of a system call, and after it, its result
  std::atomic<std::uintptr_t> arguments[6];
};

struct SharedPage {
  static constexpr std::size_t kMostProcesses = 1024;
  static constexpr std::size_t kMostCounters = std::size_t{1} << 18U;

  std::atomic<std::uint32_t> counters_used;
  std::atomic<std::uint32_t> processes_left_out;  ///< because all entries were taken

  /// Set by a host that inspects interrupted processes. The detector takes over the default action of SIGINT and SIGQUIT only then.
  std::atomic<std::uint32_t> host_inspects;
  std::atomic<std::uint32_t> holding;   ///< counts processes that have begun to wait for the host
  std::atomic<std::uint32_t> released;  ///< a futex: changes when the host has inspected

  /// An entry is free when its process number is 0, or no such process exists.
  std::atomic<std::int32_t> processes[kMostProcesses];
  std::atomic<std::uintptr_t> views[kMostProcesses];  ///< addresses of ProcessView in these processes
  Interrupted interrupted[kMostProcesses];

  std::atomic<std::uint32_t> counters[kMostCounters];  ///< how often a finding was met, by its "counter"
};

}  // namespace racetrack::deadlock
