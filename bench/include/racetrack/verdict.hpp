// Verdicts of oracles and detectors, and the expectation of a scenario.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racetrack {

/// The result of a check. Of several verdicts, the one with the greatest result counts: pass < unknown < fail.
enum class Result : std::uint8_t { pass, unknown, fail };

/// The verdict of an oracle or a detector on a round.
struct Verdict {
  Result result = Result::pass;
  std::string kind;      ///< lost, duplicated, invented, reordered, overflow, torn, hang, crash, ... Empty: none
  std::string detector;  ///< oracle.conservation, watchdog, process, ... Empty: no detector objected
  std::string witness;   ///< one paragraph for the user: the operations involved, and the expected behaviour
};

/// Whether a detector must, may or must never report a kind in a scenario.
enum class Grade : std::uint8_t { must, may, never };

/// One line of a scenario's expectation. A finding is unexpected when a `never` is reported or a `must` is not. The
/// first line that matches applies; a kind that no line matches is `never`. A `detector` or `kind` that ends in '*'
/// matches every name that begins with the rest.
struct Expected {
  std::string detector;
  std::string kind;
  Grade grade = Grade::never;
  std::uint32_t per_runs = 1;  ///< must: at least once in this many runs
};

using Expectation = std::vector<Expected>;

}  // namespace racetrack
