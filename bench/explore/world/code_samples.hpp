// The share of libraries in the processor time that executions spend outside the explorer, by samples.
//
// A timer of this thread's processor time raises SIGPROF. No verdict depends on the samples: virtual time does not
// advance by a signal, and the mask of signals stays as it is. A timer that the system refuses yields no samples.
#pragma once

#include <cstdint>
#include <vector>

#include "explore/world/modules.hpp"

namespace racetrack::explore {

/// As long as one lives, samples are taken. Not thread-safe, one at a time: it belongs to the system thread that drives
/// executions.
class CodeSamples {
 public:
  /// Counts samples in the code of up to kMost `libraries`.
  explicit CodeSamples(const std::vector<Library>& libraries) noexcept;
  ~CodeSamples();
  CodeSamples(const CodeSamples&) = delete;
  CodeSamples& operator=(const CodeSamples&) = delete;

  static constexpr std::size_t kMost = 64;
  [[nodiscard]] std::uint64_t all() const noexcept;
  /// 0 for a library after the first kMost.
  [[nodiscard]] std::uint64_t in_library(std::size_t index) const noexcept;

 private:
  int timer_ = 0;
  bool armed_ = false;
};

}  // namespace racetrack::explore
