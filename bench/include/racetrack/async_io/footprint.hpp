// The memory of waiting requests: that of the process while a known number of requests waits, minus that before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include <malloc.h>

namespace racetrack::async_io {

/// Counts the open descriptors of sockets, pipes, events and the like. Excludes files, because the harness or a
/// sanitizer may open one at any time.
inline std::size_t count_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::count_if(begin(entries), end(entries), [](const auto& entry) {
    std::error_code gone;
    return std::filesystem::read_symlink(entry.path(), gone).is_relative() && !gone;  // "socket:[17]"
  }));
}
/// Counts the threads of this process.
inline std::size_t count_threads() {
  const std::filesystem::directory_iterator entries("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// The memory of a process at one time, in bytes. Counts pages that were touched, not reserved address space.
struct Footprint {
  /// The kernel stack of a thread in bytes (THREAD_SIZE: 4 pages on x86-64 and arm64). A process cannot read the size
  /// of its kernel stacks, so it is computed.
  static constexpr double kKernelStack = 16384;

  double touched = 0;      ///< anonymous pages: heap and stacks
  double page_tables = 0;  ///< page tables that map them
  /// number of threads
  double threads = 0;

  /// Returns the current footprint of this process.
  static Footprint now() {
    return {kibibytes_in("/proc/self/smaps_rollup", "Anonymous:"), kibibytes_in("/proc/self/status", "VmPTE:"),
            static_cast<double>(count_threads())};
  }
  /// Returns the current footprint after the allocator has returned its free memory to the system.
  static Footprint trimmed() {
    malloc_trim(0);
    return now();
  }

  /// Returns the difference to `before`, each part at least 0.
  [[nodiscard]] Footprint less(const Footprint& before) const noexcept {
    return {std::max(0.0, touched - before.touched), std::max(0.0, page_tables - before.page_tables),
            std::max(0.0, threads - before.threads)};
  }
  /// Returns the kernel stacks of all threads in bytes.
  [[nodiscard]] double kernel_stacks() const noexcept { return threads * kKernelStack; }
  /// Returns the total in bytes.
  [[nodiscard]] double all() const noexcept { return touched + page_tables + kernel_stacks(); }

 private:
  static double kibibytes_in(const char* file, std::string_view key) {
    std::ifstream input(file);
    for (std::string word; input >> word; input.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
      double kibibytes = 0;
      if (word == key && input >> kibibytes) return kibibytes * 1024;
    }
    return 0;
  }
};

}  // namespace racetrack::async_io
