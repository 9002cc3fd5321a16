// What names one round of a stress run.
#pragma once

#include <cstdint>
#include <string>

namespace racetrack::host {

/// Enough to run a round again: the same case with the same seed, in the same build.
struct ReplayToken {
  std::string commit;  ///< first 8 digits
  std::uint64_t seed = 0;
  std::uint64_t round = 0;
  std::string case_name;

  /// "stress.COMMIT.SEED.ROUND.CASE".
  [[nodiscard]] std::string text() const;
  /// Throws Failure(usage) for a text that is no token or is cut short.
  static ReplayToken parse(const std::string& text);
};

}  // namespace racetrack::host
