// What names one round of a stress run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/cases.hpp"

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

/// What names one schedule of an explored case.
struct ExploreToken {
  std::string commit;  ///< first 8 digits
  std::string schedule;
  std::string case_name;

  /// "explore.COMMIT.SCHEDULE.CASE".
  [[nodiscard]] std::string text() const;
  /// Throws Failure(usage) for a text that is no token or is cut short.
  static ExploreToken parse(const std::string& text);
  /// Does it begin like one?
  static bool begins(const std::string& text) { return text.starts_with("explore."); }
};

/// The case that a token names: found among the scenarios, with the parameters from its name. Throws Failure(usage) when there is none.
Case case_of(const std::vector<Plugin>& plugins, const std::string& name);

}  // namespace racetrack::host
