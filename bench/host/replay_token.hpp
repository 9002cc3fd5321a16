// Tokens that identify a round of a stress run, or a schedule of the explorer.
#pragma once

#include <cstdint>
#include <string>

namespace racetrack::host {

/// Identifies a round of a stress run: the case, its seed and the build.
struct ReplayToken {
  std::string commit;  ///< first 8 digits
  std::uint64_t seed = 0;
  std::uint64_t round = 0;
  std::string case_name;

  /// Returns "stress.COMMIT.SEED.ROUND.CASE".
  [[nodiscard]] std::string text() const;
  /// Throws Failure(usage) for a text that is not a complete token.
  static ReplayToken parse(const std::string& text);
};

/// Identifies one schedule of an explored case.
struct ExploreToken {
  std::string commit;  ///< first 8 digits
  std::string schedule;
  std::string case_name;

  /// Returns "explore.COMMIT.SCHEDULE.CASE".
  [[nodiscard]] std::string text() const;
  /// Throws Failure(usage) for a text that is not a complete token.
  static ExploreToken parse(const std::string& text);
  /// Returns whether `text` begins like such a token.
  static bool begins(const std::string& text) { return text.starts_with("explore."); }
};

}  // namespace racetrack::host
