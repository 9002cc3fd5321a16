// The processors of this machine, and the placement of threads on them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace racetrack::load {

/// compact: neighbours first (same core, same cache). scatter: as far apart as possible. none: the system decides.
enum class Pinning { compact, scatter, none };

/// Returns the pinning of this name. Throws std::invalid_argument for an unknown name.
Pinning pinning_of(std::string_view name);

struct Cache {
  unsigned level = 0;
  std::size_t bytes = 0;
  unsigned shared_by = 0;  ///< processing units per cache
};

/// The processors that this process may use, as hwloc reports them.
struct Topology {
  std::size_t cores = 0;
  std::vector<int> compact;  ///< operating-system numbers of the processing units, neighbours first
  /// The same units, alternating between packages and cores, second hardware threads last.
  std::vector<int> scatter;
  std::size_t packages = 0;
  std::size_t numa_nodes = 0;
  std::vector<Cache> caches;

  /// Detects the topology. Throws std::runtime_error when hwloc cannot read the machine.
  static Topology detect();

  [[nodiscard]] std::size_t hardware_threads() const noexcept { return compact.size(); }
  /// Returns the processor for each of `threads` threads, cyclically when there are more threads than processors; -1
  /// for Pinning::none.
  [[nodiscard]] std::vector<int> place(std::size_t threads, Pinning pinning) const;
};

/// Returns false when the system does not let threads choose their processors (a filter of system calls).
bool pinning_is_allowed() noexcept;

/// Pins the calling thread to a processor. Returns false when the system refuses.
bool pin_this_thread(int cpu) noexcept;

}  // namespace racetrack::load
