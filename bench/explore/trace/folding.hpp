// A loop of a thread appears once, with the number of its rounds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racetrack::explore {

struct Line {
  std::uint32_t step;
  std::string text;
  std::uint32_t rank = 0;  ///< a short version prefers lines of low rank
};

/// A line of the result, with its step.
struct FoldedLine {
  std::string text;
  std::uint32_t rank = 0;
};

/// The lines with their steps. Lines that repeat themselves, alone or with up to seven others, appear once, with their number.
std::vector<FoldedLine> fold(const std::vector<Line>& lines);

}  // namespace racetrack::explore
