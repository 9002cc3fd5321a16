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

#include <malloc.h>

namespace racetrack::async_io {

/// Number of entries in a folder of /proc/self. One of fd's is the look itself.
inline std::size_t count_entries(const char* folder) {
  const std::filesystem::directory_iterator entries(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}
inline std::size_t count_descriptors() { return count_entries("/proc/self/fd"); }
inline std::size_t count_threads() { return count_entries("/proc/self/task"); }

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
