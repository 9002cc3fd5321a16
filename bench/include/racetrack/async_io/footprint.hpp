// What waiting requests cost in memory: that of the process while a known number of them waits, less that before.
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

/// Open descriptors of sockets, pipes, events, ... Files are left out: the harness, and a sanitizer, may open one at any time.
inline std::size_t count_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::count_if(begin(entries), end(entries), [](const auto& entry) {
    std::error_code gone;
    return std::filesystem::read_symlink(entry.path(), gone).is_relative() && !gone;  // "socket:[17]"
  }));
}
inline std::size_t count_threads() {
  const std::filesystem::directory_iterator entries("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// What a process holds at a moment, in bytes. Counted are pages that were touched, not what is reserved.
struct Footprint {
  /// Of the kernel, for every thread (THREAD_SIZE: 4 pages on x86-64 and arm64). No process can read its own, so it is counted.
  static constexpr double kKernelStack = 16384;

  double touched = 0;      ///< anonymous pages: heap and stacks
  double page_tables = 0;  ///< that the kernel needs to map them
  double threads = 0;

  static Footprint now() {
    return {kibibytes_in("/proc/self/smaps_rollup", "Anonymous:"), kibibytes_in("/proc/self/status", "VmPTE:"),
            static_cast<double>(count_threads())};
  }
  /// As now(), with what the allocator keeps for later given back first.
  static Footprint trimmed() {
    malloc_trim(0);
    return now();
  }

  [[nodiscard]] Footprint less(const Footprint& before) const noexcept {
    return {std::max(0.0, touched - before.touched), std::max(0.0, page_tables - before.page_tables),
            std::max(0.0, threads - before.threads)};
  }
  [[nodiscard]] double kernel_stacks() const noexcept { return threads * kKernelStack; }
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
