// Oracles by name: what a scenario asks for and the harness knows.
#pragma once

#include <string>
#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// The verdict of every named oracle on `history`, the worst first; just a pass when all pass. Throws
/// std::invalid_argument for a name that the harness does not know.
Verdict judge(const std::vector<std::string>& oracles, const History& history);

/// Names that judge() knows.
std::vector<std::string> known_oracles();

}  // namespace racetrack::oracle
