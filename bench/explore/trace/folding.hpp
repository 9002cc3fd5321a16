// Folds loops: the steps of a loop appear once, with the number of their repetitions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racetrack::explore {

struct Line {
  std::uint32_t step;
  std::string text;
  std::uint32_t rank = 0;  ///< the short version prefers lines of low rank
};

/// A line of the result, which begins with its step.
struct FoldedLine {
  std::string text;
  std::uint32_t rank = 0;
};

/// Formats the lines with their steps. Lines that repeat, alone or in a group of up to eight, appear once, with the
/// number of repetitions.
std::vector<FoldedLine> fold(const std::vector<Line>& lines);

}  // namespace racetrack::explore
