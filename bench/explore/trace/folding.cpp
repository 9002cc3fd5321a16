#include "explore/trace/folding.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

namespace racetrack::explore {
namespace {

/// The number of consecutive repetitions of the `period` lines from `first` on.
std::size_t repeats(const std::vector<Line>& lines, std::size_t first, std::size_t period) {
  std::size_t at = first + period;
  while (at < lines.size() && lines[at].text == lines[at - period].text) ++at;
  return (at - first) / period;
}

}  // namespace

std::vector<FoldedLine> fold(const std::vector<Line>& lines) {
  constexpr std::size_t kLongestPeriod = 8, kLeastRepeats = 4;
  std::vector<FoldedLine> folded;
  const auto append = [&](const Line& line) {
    std::array<char, 16> step{};
    std::snprintf(step.data(), step.size(), "%6u  ", line.step);
    folded.push_back({step.data() + line.text, line.rank});
  };
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t period = 1, times = 1;
    for (std::size_t p = 1; p <= kLongestPeriod; ++p) {
      const std::size_t found = repeats(lines, i, p);
      if (found >= kLeastRepeats && found * p > times * period) period = p, times = found;
    }
    for (std::size_t k = 0; k < period; ++k) append(lines[i + k]);
    if (times > 1) {
      folded.push_back({"          " +
                            std::string(period == 1 ? "this" : "these " + std::to_string(period) + " lines") + " " +
                            std::to_string(times) + " times\n",
                        folded.back().rank});
    }
    i += period * times;
  }
  return folded;
}

}  // namespace racetrack::explore
