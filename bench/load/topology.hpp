// Which processors there are, and in which order threads are placed on them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace racetrack::load {

/// compact: neighbours first (same core, same cache). scatter: as far apart as can be. none: the system decides.
enum class Pinning { compact, scatter, none };

/// Throws std::invalid_argument.
Pinning pinning_of(std::string_view name);

struct Cache {
  unsigned level = 0;
  std::size_t bytes = 0;
  unsigned shared_by = 0;  ///< processing units per cache
};

/// What hwloc says of the processors that this process may use.
struct Topology {
  std::size_t cores = 0;
  std::vector<int> compact;  ///< numbers (of the operating system) of processing units, neighbours first
  std::vector<int> scatter;  ///< the same, packages and cores in turn, second hardware threads last
  std::size_t packages = 0;
  std::size_t numa_nodes = 0;
  std::vector<Cache> caches;

  /// Throws std::runtime_error when hwloc cannot read the machine.
  static Topology detect();

  [[nodiscard]] std::size_t hardware_threads() const noexcept { return compact.size(); }
  /// Processor for each of `threads` threads, round and round when there are more threads; -1 for Pinning::none.
  [[nodiscard]] std::vector<int> place(std::size_t threads, Pinning pinning) const;
};

/// Binds the calling thread; false when the system refuses.
bool pin_this_thread(int cpu) noexcept;

}  // namespace racetrack::load
