// What an oracle or a detector says of a round, and what a scenario is expected to be told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racetrack {

/// pass < unknown < fail: of several verdicts the greatest counts.
enum class Result : std::uint8_t { pass, unknown, fail };

struct Verdict {
  Result result = Result::pass;
  std::string kind;      ///< lost, duplicated, invented, reordered, overflow, torn, hang, crash, ... Empty: none
  std::string detector;  ///< oracle.conservation, watchdog, process, ... Empty when nobody objected
  std::string witness;   ///< one paragraph for a reader: which operations, what should have been
};

/// How often a detector sees a kind in a scenario.
enum class Grade : std::uint8_t { must, may, never };

/// One line of a scenario's expectation. Only a missed `must` or a seen `never` is unexpected; what no line names
/// is `never`. A detector that ends in '*' stands for all that begin so.
struct Expected {
  std::string detector;
  std::string kind;
  Grade grade = Grade::never;
  std::uint32_t per_runs = 1;  ///< must: at least once in so many runs
};

using Expectation = std::vector<Expected>;

}  // namespace racetrack
