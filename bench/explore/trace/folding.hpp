// A thread that spins is told once, and how often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racetrack::explore {

struct Line {
  std::uint32_t step;
  std::string text;
};

/// With their steps; what repeats itself, alone or with up to seven others, is told once.
std::vector<std::string> fold(const std::vector<Line>& lines);

}  // namespace racetrack::explore
